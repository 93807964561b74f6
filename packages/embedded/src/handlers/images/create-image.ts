import { randomBytes } from 'node:crypto'
import { asyncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import { HandlerPanic } from '../../answer/handler-panic.ts'
import type { Call } from '../../call/context.ts'
import { imagesProject } from '../../call/images-project.ts'
import { type Creation, decodeCreation } from '../../creation/creation.ts'
import { refusal } from '../../dialect/fill.ts'
import { discardImage } from '../../ingest/incoming-image.ts'
import { type ReceivedBody, receiveBody } from '../../ingest/receive-body.ts'
import { readUploadHeaders, type UploadHeaders } from '../../ingest/upload-headers.ts'
import { type Operation, renderOperation } from '../../operations/operation.ts'
import { may } from '../../trust/rights.ts'
import { checkPublic } from './check-public.ts'
import { createFromJson } from './create-from-json.ts'
import { createPushToken, readPushToken } from './push-token.ts'
import { storeUpload } from './store-upload.ts'
import { findToken } from './use-secret.ts'

/** `POST /1.0/images`: an upload, or a JSON request that names a source. */
export async function createImage(call: Call): Promise<Response> {
  const { server, peer } = call
  const headers = readUploadHeaders(call.request.headers, server.dialect)
  const token = useUploadToken(call, headers)
  if (!may(peer, 'can_create_images', call.project) && token === undefined)
    throw new Failure(403, server.dialect.forbidden)
  imagesProject(call, 'Fetch project database object: Project not found')
  const body = await receiveBody(server.store, call.request, decodeCreation)
  // T59: the daemons check this only after all bytes have arrived.
  await refusePublic(call, body, headers, token)
  return body.kind === 'json' ? createByRequest(call, body.value) : createByUpload(call, body, headers, token)
}

async function refusePublic(
  call: Call,
  body: ReceivedBody<Creation>,
  headers: UploadHeaders,
  token: Operation | undefined,
): Promise<void> {
  const asked = token && readPushToken(token)
  const isPublic = body.kind === 'json' ? body.value.public : (asked?.public ?? headers.public)
  try {
    checkPublic(call.server.dialect, isPublic, imagesProject(call))
  } catch (error) {
    if (body.kind === 'image') await discardImage(body.image)
    throw error
  }
}

/** The first use ends the token, whichever client sends it. */
function useUploadToken({ server }: Call, { secret, fingerprint }: UploadHeaders): Operation | undefined {
  if (secret === '' || fingerprint === '') return undefined
  const token = findToken(server, fingerprint, secret)
  if (token !== undefined) server.operations.spend(token)
  return token
}

const sourceTypes = ['container', 'instance', 'virtual-machine', 'snapshot', 'image', 'url']

async function createByRequest(call: Call, creation: Creation): Promise<Response> {
  // T3: the daemons read the source without checking that it is present.
  if (creation.source === undefined) throw new HandlerPanic('no source')
  const { urlRefusal } = call.server.dialect
  if (creation.source.type === 'url' && urlRefusal !== undefined) throw refusal(urlRefusal)
  if (creation.source.mode === 'push') return createPushToken(call, creation)
  if (!sourceTypes.includes(creation.source.type)) throw new Failure(500, 'Invalid images JSON')
  const operation = createFromJson(call, creation, creation.source)
  return asyncAnswer(operation.id, renderOperation(call.server.dialect, operation))
}

function createByUpload(
  call: Call,
  body: Exclude<ReceivedBody<never>, { kind: 'json' }>,
  headers: UploadHeaders,
  token: Operation | undefined,
): Response {
  // A client that uploaded with a token can wait with a new secret.
  const secret = token === undefined ? undefined : randomBytes(32).toString('hex')
  const operation = call.server.operations.start({
    requestor: call.peer.requestor,
    project: imagesProject(call),
    description: 'Downloading image',
    ...(secret === undefined ? {} : { metadata: { secret }, secret }),
    async run(handle) {
      if (body.kind === 'broken') throw body.error
      const pushed = token && readPushToken(token)
      await storeUpload(call, handle, { incoming: body.image, headers, token: pushed, waitSecret: secret })
    },
  })
  return asyncAnswer(operation.id, renderOperation(call.server.dialect, operation))
}
