import { asyncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call, ServerContext } from '../../call/context.ts'
import { imageUrl } from '../../call/emit-lifecycle.ts'
import { imagesProject } from '../../call/images-project.ts'
import { readJson } from '../../call/read-json.ts'
import { fill } from '../../dialect/fill.ts'
import { exportSplit } from '../../export/export-split.ts'
import { decodeFields } from '../../json/decode-fields.ts'
import { renderOperation } from '../../operations/operation.ts'
import { blobsOf, type ImageRecord } from '../../records/records.ts'
import { connectRemote, type RemoteServer, textOf } from '../../remote/connect-remote.ts'
import type { StoredBlob } from '../../store/store.ts'
import { findChangeableImage } from './find-changeable-image.ts'

/** `POST /1.0/images/<fp>/export`: uploads the image to another server that issued a token for it. */
export async function pushImage(call: Call): Promise<Response> {
  const { server } = call
  const project = imagesProject(call)
  const asked = call.params[0] ?? ''
  const image = findChangeableImage(call)
  const fields = decodeFields(await readJson(call.request).catch(() => null), 'ImageExportPost', {
    target: 'string',
    certificate: 'string',
    secret: 'string',
    project: 'string',
  })
  const connect = (asksFirst: boolean): Promise<RemoteServer> =>
    connectRemote({
      dialect: server.dialect,
      server: fields.target ?? '',
      certificate: fields.certificate ?? '',
      signal: new AbortController().signal,
      asksFirst,
    })
  // All versions refuse an invalid certificate at once.
  const remote = await connect(server.dialect.pushConnectsFirst).catch((error: Error) => {
    throw new Failure(500, error.message)
  })
  const operation = server.operations.start({
    requestor: call.peer.requestor,
    project,
    description: 'Downloading image',
    entityUrl: imageUrl(project, image.fingerprint),
    async run() {
      // The daemons open a file named like the requested fingerprint: a prefix finds none.
      if (asked !== image.fingerprint) throw new Error(`open images/${asked}: no such file or directory`)
      await upload(server, remote, image, fields.secret ?? '', fields.project ?? '')
    },
  })
  return asyncAnswer(operation.id, renderOperation(server.dialect, operation))
}

interface Accepted {
  error: string
  metadata: { id: string; metadata: { secret?: string } | null } | null
}

async function upload(
  server: ServerContext,
  remote: RemoteServer,
  image: ImageRecord,
  secret: string,
  project: string,
): Promise<void> {
  const prefix = server.dialect.headerPrefix
  const query = project === '' ? '' : `?project=${encodeURIComponent(project)}`
  const body = await bodyOf(server, image)
  const answer = await remote.send(`/1.0/images${query}`, {
    method: 'POST',
    headers: {
      ...body.headers,
      [`${prefix}fingerprint`]: image.fingerprint,
      [`${prefix}secret`]: secret,
      [`${prefix}filename`]: image.fingerprint,
    },
    body: body.chunks,
  })
  const accepted = JSON.parse(await textOf(answer)) as Accepted
  if (accepted.metadata === null) throw new Failure(answer.statusCode ?? 500, accepted.error)
  // The upload's operation has its own secret, with which an untrusted client can wait for it.
  const waitSecret = encodeURIComponent(accepted.metadata.metadata?.secret ?? '')
  const path = `/1.0/operations/${accepted.metadata.id}/wait?secret=${waitSecret}`
  const operation = (await remote.get(path)) as { status: string; err: string }
  if (operation.status === 'Success') return
  // A server that gets an error envelope reports its message; that error was already thrown here.
  throw new Error(fill('Failed operation %q: %q', operation.status, operation.err))
}

async function bodyOf(
  { store, dialect, member }: ServerContext,
  image: ImageRecord,
): Promise<{ headers: Record<string, string>; chunks: AsyncIterable<Uint8Array> }> {
  const blobs: StoredBlob[] = []
  for (const name of blobsOf(image)) {
    // T81: the file of another member is not looked for.
    const blob = await (member?.disk ?? store).openBlob(name)
    if (blob === undefined) throw new Error(`open images/${name}: no such file or directory`)
    blobs.push(blob)
  }
  const [first, second] = blobs
  if (first === undefined) throw new Error('image without files')
  if (image.layout.kind === 'unified' || second === undefined) {
    const headers = { 'content-type': 'application/octet-stream', 'content-length': String(first.size) }
    return { headers, chunks: first.read() }
  }
  // T52: all servers except Incus 7.0.2 push the second part as that of a container, so a virtual machine image arrives as a container image.
  const layout = dialect.pushesVirtualMachines
    ? image.layout
    : { ...image.layout, rootfsPart: 'rootfs' as const }
  const response = exportSplit(image.fingerprint, layout, first, second, false)
  const type = response.headers.get('content-type') ?? ''
  return { headers: { 'content-type': type }, chunks: response.body ?? first.read() }
}
