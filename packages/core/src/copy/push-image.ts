import * as v from 'valibot'
import type { Client } from '../client.ts'
import { TransportError, UnsupportedError } from '../errors/errors.ts'
import { describePushToken, pushTokenSchema } from '../images/push-token-request.ts'
import type { ImageType } from '../model/image.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import { supports } from '../model/supports.ts'
import { holdCreation, holdPush } from '../operations/own-creations.ts'
import type { CopyJob } from './copy-job.ts'
import { findReachable } from './find-reachable.ts'
import { type OneTimeToken, oneTimeToken } from './one-time-token.ts'
import { serverAddresses } from './server-addresses.ts'

/** The source uploads the image to the target, which has issued a token for that. */
export async function pushImage(job: CopyJob): Promise<void> {
  const { from, target, image, patience, options } = job
  const { signal, onProgress, onWarning } = options
  const { client: source } = from
  if (source === undefined)
    throw new UnsupportedError(`Cannot push from "${from.name}": it is not an LXD or Incus server`)
  await checkPush(source, target, image.type, signal)
  const urls = await serverAddresses(target, signal)
  const { certificate = '' } = await target.server({ signal })
  const { kind: protocol } = (await source.server({ signal })).dialect
  const action = 'Cannot have the source push: it cannot reach the target'
  const trial = { action, patience, signal, onWarning }
  const url = await findReachable(source, { urls, protocol, certificate }, trial)
  const token = await createToken(job)
  try {
    const { operation = '' } = await source.request({
      method: 'POST',
      // The whole fingerprint: given a prefix, servers look for a file of that name.
      path: `/1.0/images/${image.fingerprint}/export`,
      json: { target: url, certificate, secret: token.secret, project: target.projectName ?? '' },
      action: `push image ${shortFingerprint(image.fingerprint)} to "${target.name}"`,
      timeout: patience,
      signal,
    })
    const ended = source.operations.wait(operation, { signal, onProgress })
    holdCreation(operation, image.fingerprint, ended)
    holdPush(target.origin, ended)
    await ended
  } finally {
    await token.end()
  }
}

/** @throws {UnsupportedError} */
async function checkPush(
  source: Client<boolean>,
  target: Client<boolean>,
  type: ImageType,
  signal: AbortSignal | undefined,
): Promise<void> {
  const refuse = (why: string): UnsupportedError =>
    new UnsupportedError(`Cannot push from "${source.name}" to "${target.name}": ${why}`, {
      server: source.name,
    })
  const [here, there] = await Promise.all([source.server({ signal }), target.server({ signal })])
  // Each kind sends the token in a header that only its own kind reads.
  if (here.dialect.kind !== there.dialect.kind) throw refuse('LXD and Incus cannot push to each other')
  for (const server of [here, there])
    if (supports(server, 'images_push_relay') === false)
      throw refuse('one of them lacks the API extension "images_push_relay"')
  // Most versions send the second part as "rootfs", whatever it is (T52). It depends on the source alone.
  const { pushesMachines } = here.dialect
  if (type === 'virtual-machine' && !pushesMachines?.test(here.version ?? ''))
    throw refuse('a virtual machine would arrive as a container')
  if (!here.trusted) throw refuse('the source must trust this client')
}

/** The token gets all attributes. */
async function createToken(job: CopyJob): Promise<OneTimeToken> {
  const { target, image, options, attributes } = job
  const answer = await target.request({
    method: 'POST',
    path: '/1.0/images',
    json: describePushToken(image.fingerprint, attributes),
    action: `have image ${shortFingerprint(image.fingerprint)} pushed`,
    signal: options.signal,
  })
  const read = v.safeParse(pushTokenSchema, answer.metadata)
  if (read.success) return oneTimeToken(target, read.output.id, read.output.metadata.secret)
  throw new TransportError(
    'unexpected-answer',
    `Cannot have image ${shortFingerprint(image.fingerprint)} pushed to "${target.name}": the answer has no secret`,
    { server: target.name },
  )
}
