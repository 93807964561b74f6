import { checkMaxDocument } from '../arguments/max-document.ts'
import { type ByteHash, createSha256 } from '../bytes/sha256.ts'
import { ArgumentError, TransportError } from '../errors/errors.ts'
import { defaultMaxDocument } from '../http/read-text.ts'
import type { UploadSource } from '../images/upload-source.ts'
import type { StreamPlace } from './fetch-file.ts'
import { openImage } from './open-image.ts'
import { type ReadImages, readImages } from './read-images.ts'
import { type ResolveOptions, resolveImage } from './resolve-image.ts'
import type { StreamImage } from './stream-image.ts'

/** Options of {@link openSimplestreams}. */
export interface SimplestreamsOptions {
  /** @default globalThis.fetch */
  fetch?: StreamPlace['fetch'] | undefined
  /** The name in errors. @default the URL */
  name?: string | undefined
  /** Allows plain http, over which anybody in between can replace the images. @default false */
  insecure?: boolean | undefined
  /** For example `() => createHash('sha256')` of `node:crypto`, which is faster. @default one in plain JavaScript */
  createHash?: (() => ByteHash) | undefined
  /** Milliseconds in which the lists of images must arrive. Files have no limit. @default 120000 */
  requestTimeout?: number | undefined
  /** Bytes of the longest list of images that is read. Files have no limit. @default 67108864 */
  maxDocument?: number | undefined
  /** Called with a sentence if products were left out, because they do not have the expected form. @default they are left out silently */
  onWarning?: ((sentence: string) => void) | undefined
}

interface StreamCall {
  signal?: AbortSignal | undefined
}

/** A simplestreams server, such as those behind the `images:` and `ubuntu:` remotes of LXD and Incus. */
export interface Simplestreams {
  readonly name: string
  readonly url: string
  /** All images, in the order in which servers search them. The lists are read once; open the server again to read them again. */
  list(options?: StreamCall): Promise<readonly StreamImage[]>
  /** The image that a name, a fingerprint or the beginning of one stands for; `not-found`, or `ambiguous` if several match. */
  resolve(reference: string, options?: ResolveOptions & StreamCall): Promise<StreamImage>
  /** The image's files, to upload or to save. They are fetched as they are read, and verified at their end. */
  open(image: StreamImage, options?: StreamCall): UploadSource
}

/**
 * Reads a simplestreams server by the rules of LXD and Incus: a name stands for the image that they would download.
 *
 * @throws {ArgumentError} for an address that is not https, unless `insecure` is set
 *
 * @example
 * ```ts
 * const streams = openSimplestreams('https://streams.example.org')
 * const { fingerprint, serial } = await streams.resolve('alpine/edge', { architecture: 'x86_64' })
 * ```
 */
export function openSimplestreams(url: string, options: SimplestreamsOptions = {}): Simplestreams {
  const { insecure = false, createHash = createSha256, requestTimeout = 120_000 } = options
  const { maxDocument = defaultMaxDocument } = options
  checkMaxDocument(maxDocument)
  const place: StreamPlace = {
    url: checkAddress(url, insecure),
    name: options.name ?? url,
    insecure,
    maxDocument,
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
  }
  let read: ReadImages | undefined
  const list = async ({ signal }: StreamCall = {}): Promise<ReadImages> => {
    if (read !== undefined) return read
    read = await within(place, requestTimeout, signal, (limited) => readImages(place, limited))
    const leftOut = describeProblems(read)
    if (leftOut !== undefined) options.onWarning?.(`Some images of "${place.name}" were left out: ${leftOut}`)
    return read
  }
  return {
    name: place.name,
    url: place.url,
    list: async (call) => (await list(call)).images,
    async resolve(reference, { signal, ...which } = {}) {
      const found = await list({ signal })
      return resolveImage(found.images, place.name, reference, { ...which, leftOut: describeProblems(found) })
    },
    open: (image, { signal } = {}) => openImage(place, image, createHash, signal),
  }
}

/** The first problems in a sentence; undefined if there is none. */
function describeProblems({ problems }: ReadImages): string | undefined {
  if (problems.length === 0) return undefined
  const more = problems.length > 3 ? `, and ${problems.length - 3} more` : ''
  return `${problems.slice(0, 3).join(', ')}${more}`
}

function checkAddress(url: string, insecure: boolean): string {
  const protocol = URL.canParse(url) ? new URL(url).protocol : ''
  if (protocol !== 'https:' && !(insecure && protocol === 'http:')) {
    const why =
      protocol === 'http:'
        ? 'over plain http anybody on the network path can replace the images; set insecure to accept them anyway'
        : 'an address that begins with https:// is needed'
    throw new ArgumentError('url', `Cannot read simplestreams at ${JSON.stringify(url)}: ${why}`)
  }
  return url.replace(/\/+$/, '')
}

async function within<T>(
  place: StreamPlace,
  milliseconds: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = AbortSignal.timeout(milliseconds)
  try {
    return await work(signal === undefined ? limit : AbortSignal.any([signal, limit]))
  } catch (error) {
    signal?.throwIfAborted()
    if (!limit.aborted) throw error
    throw new TransportError(
      'timeout',
      `Cannot list the images of "${place.name}": they did not arrive within ${milliseconds} ms`,
      { server: place.name, cause: error },
    )
  }
}
