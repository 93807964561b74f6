import type { Client } from '../client.ts'
import { describeStored, type StoredImage } from '../cluster/describe-stored.ts'
import { ArgumentError, CopyError, OperationError } from '../errors/errors.ts'
import type { HyperkitError } from '../errors/hyperkit-error.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import type { Call } from '../http/call.ts'
import { checkAttributes } from '../images/image-attributes.ts'
import { mayBePublic, notPublic } from '../images/may-be-public.ts'
import type { Image } from '../model/image.ts'
import type { ServerInfo } from '../model/server-info.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import type { Registry } from '../registries/registry.ts'
import type { Simplestreams } from '../simplestreams/simplestreams.ts'
import { checkAliases } from './check-aliases.ts'
import { checkWays } from './check-ways.ts'
import type { CopyJob } from './copy-job.ts'
import type { CopyImageOptions, CopyMode } from './copy-options.ts'
import type { CopySource, SourceImage } from './copy-source.ts'
import { keptAttributes } from './kept-attributes.ts'
import { pullImage } from './pull-image.ts'
import { pushImage } from './push-image.ts'
import { registrySource } from './registry-source.ts'
import { relayImage } from './relay-image.ts'
import { serverSource } from './server-source.ts'
import { settleImage } from './settle-image.ts'
import { streamSource } from './stream-source.ts'
import { takeTurn } from './take-turn.ts'

/** The result of a copy. */
export interface CopiedImage {
  /** The image as the target reports it. */
  image: Image
  /** How it got there; `none` if the target had it already and nothing was sent. */
  mode: CopyMode | 'none'
  /**
   * The modes that were tried before, and why each did not work. If the last one here is the same as `mode`, its server reported a
   * failure although the image is complete; members of a cluster may lack their copies of it.
   */
  tried: { mode: CopyMode; error: Error }[]
}

const ways: Record<CopyMode, (job: CopyJob) => Promise<void>> = {
  pull: pullImage,
  push: pushImage,
  relay: relayImage,
}

/**
 * Copies an image from one server to another, of the same kind or the other, from one project of a server to another, or
 * from a simplestreams server or a registry of OCI images. An image of a registry can only be downloaded, by a server of Incus 7.
 *
 * In every mode the copy keeps properties, expiry and whether it is public. If the target has the image already, nothing is sent:
 * the properties and expiry of the source are added to it, and anything else changes only if an option names it. Aliases are set
 * last. A copy from a simplestreams server is private unless an option says otherwise, and so is a copy to a project that cannot
 * have public images (any but `default`, on LXD 6.8 and newer).
 *
 * @param reference an alias, a fingerprint or the beginning of one
 * @throws {CopyError} with the modes that were tried, and why each failed
 *
 * @example
 * ```ts
 * const [prod, lab] = [await connect('prod'), await connect('lab')]
 * const { image, mode } = await copyImage(prod, lab, 'ubuntu/noble', { copyAliases: true })
 * ```
 */
export async function copyImage(
  source: Client<boolean> | Simplestreams | Registry,
  target: Client<boolean>,
  reference: string,
  options: CopyImageOptions = {},
): Promise<CopiedImage> {
  checkOptions(options)
  const { signal } = options
  signal?.throwIfAborted()
  const from = sourceOf(source)
  const server = await target.server({ signal })
  const { imageType, secret } = options
  const image = await from.find(reference, { signal, imageType, secret, target: server, to: target.name })
  checkAutoUpdate(image, reference, options)
  checkWays(from, image, { name: target.name, server, reference, mode: options.mode })
  const attributes = keptAttributes(image, options, await checkPublic(target, server, reference, options))
  await checkAliases(target, attributes, image.fingerprint, signal)
  const { patience = 15_000 } = options
  const job: CopyJob = { from, target, image, patience, attributes, options }
  // Two transfers of one image at once can leave a record without a file.
  const place = server.certificateFingerprint ?? target.origin
  return takeTurn(`${place} ${image.fingerprint}`, signal, async () => {
    const sent = (await isThere(job)) ? { mode: 'none' as const, tried: [] } : await send(job, reference)
    const settled = await settleImage(target, image.fingerprint, attributes, sent.mode !== 'none', signal)
    return { image: settled, ...sent }
  })
}

function sourceOf(source: Client<boolean> | Simplestreams | Registry): CopySource {
  if ('images' in source) return serverSource(source)
  return 'kind' in source ? registrySource(source) : streamSource(source)
}

async function send(
  job: CopyJob,
  reference: string,
): Promise<Pick<CopiedImage, 'tried'> & { mode: CopyMode }> {
  const { mode = 'auto', signal, autoUpdate, onWarning } = job.options
  // A server that was sent an image does not know where to look for updates.
  const pullsOnly = autoUpdate || job.from.pullsOnly?.(job.image) !== undefined
  const all: readonly CopyMode[] = pullsOnly ? ['pull'] : ['pull', 'push', 'relay']
  const modes = mode === 'auto' ? all : [mode]
  const tried: CopiedImage['tried'] = []
  for (const one of modes) {
    try {
      await ways[one](job)
      if (await isThere(job)) return { mode: one, tried }
      throw new CopyError(`Cannot find the image on "${job.target.name}" after it was copied`, { tried: [] })
    } catch (error) {
      signal?.throwIfAborted()
      if (!isHyperkitError(error) || error.code === 'outcome-unknown') throw error
      tried.push({ mode: one, error })
      // Every push into a cluster of LXD 6.9 is reported as failed, although the image is complete (T77).
      if (error.code === 'operation-failed' && (await isThere(job))) {
        onWarning?.(await describeStored(error.message, storedImage(job, error)))
        return { mode: one, tried }
      }
      if (mayGoOn.includes(error.code)) break
    }
  }
  throw copyFailed(job, reference, tried)
}

function storedImage({ image, target, options: { signal } }: CopyJob, error: HyperkitError): StoredImage {
  const words = error instanceof OperationError ? error.operation.error : error.message
  return { fingerprint: image.fingerprint, words, signal, read: () => target.cluster({ signal }) }
}

/** After these errors the work may go on at the server. A second creation of the same image beside it could lose its content. */
const mayGoOn: readonly string[] = ['closed-without-answer', 'interrupted', 'timeout', 'operation-cancelled']

async function isThere({ target, image, options: { signal } }: CopyJob): Promise<boolean> {
  const { fingerprint } = image
  return (
    (await target.images.find(fingerprint, { signal })) !== undefined &&
    (await target.images.hasContent(fingerprint, { signal }))
  )
}

function copyFailed(job: CopyJob, reference: string, tried: CopiedImage['tried']): CopyError {
  const { from, target, image } = job
  const name = image.alias === undefined ? shortFingerprint(reference) : reference
  const whys = tried.map(({ mode, error }) => `${mode}: ${error.message}`)
  if (job.options.autoUpdate)
    whys.push('only a target that downloads the image itself can keep it up to date')
  return new CopyError(
    `Cannot copy image ${JSON.stringify(name)} of "${from.name}" to "${target.name}": ${whys.join('; ')}`,
    { server: target.name, tried, cause: tried.at(-1)?.error },
  )
}

function checkOptions(options: CopyImageOptions): void {
  checkAttributes(options)
  const { mode = 'auto', autoUpdate, patience = 1 } = options
  if (mode !== 'auto' && !Object.hasOwn(ways, mode)) {
    throw new ArgumentError(
      'mode',
      `Cannot copy with mode ${JSON.stringify(mode)}: it must be "auto", "pull", "push" or "relay"`,
    )
  }
  if (!(patience > 0)) {
    throw new ArgumentError(
      'patience',
      `Cannot use ${String(patience)} as patience: it must be a number of milliseconds above 0`,
    )
  }
  if (autoUpdate && mode !== 'auto' && mode !== 'pull') {
    throw new ArgumentError(
      'autoUpdate',
      `Cannot keep a copy up to date with mode "${mode}": only a server that downloads the image itself knows where to look for updates; use mode "pull"`,
    )
  }
}

/**
 * @returns whether the copy can be public
 * @throws {UnsupportedError} if it must be public and cannot
 */
async function checkPublic(
  target: Client<boolean>,
  server: ServerInfo,
  reference: string,
  options: CopyImageOptions,
): Promise<boolean> {
  const { projectName: project, name } = target
  const place = { server, project, signal: options.signal, ask: (call: Call) => target.request(call) }
  if (await mayBePublic(place)) return true
  if (options.public) throw notPublic(`copy image ${JSON.stringify(reference)} to "${name}"`, name, project)
  return false
}

function checkAutoUpdate(image: SourceImage, reference: string, { autoUpdate }: CopyImageOptions): void {
  if (!autoUpdate) return
  const why =
    image.alias === undefined
      ? 'a fingerprint always names the same image; give an alias'
      : image.readable
        ? undefined
        : 'it is private, and a server downloads only public images by alias'
  if (why === undefined) return
  throw new ArgumentError(
    'autoUpdate',
    `Cannot keep a copy of image ${JSON.stringify(reference)} up to date: ${why}`,
  )
}
