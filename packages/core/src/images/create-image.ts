import { checkProperties } from '../arguments/image-attributes.ts'
import { ArgumentError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import type { Image } from '../model/image.ts'
import type { Progress } from '../model/progress.ts'
import { type OperationHandle, operationHandle } from '../operations/operation-handle.ts'
import { holdCreation } from '../operations/own-creations.ts'
import { openProgressFeed } from '../operations/progress-feed.ts'
import { waitOperation } from '../operations/wait-operation.ts'
import { type Begun, beginCreation, findBegun } from './begin-creation.ts'
import { createdFingerprint } from './created-fingerprint.ts'
import {
  applyAttributes,
  checkAliasesFree,
  checkAttributes,
  type ImageAttributes,
} from './image-attributes.ts'
import { listImages } from './list-images.ts'
import { checkPublic } from './may-be-public.ts'
import { unlessUnseen } from './unless-unseen.ts'

/** Options of every call that creates an image. */
export interface CreateImageOptions extends CallOptions, ImageAttributes {
  onProgress?: ((progress: Progress) => void) | undefined
  /**
   * Called with a sentence if the server reports a failure although the image is complete (such as in a cluster whose members fail to
   * take copies of it), and if the call is aborted but the image stays (LXD 6 cancels some work too late).
   */
  onWarning?: ((message: string) => void) | undefined
}

export interface ImageRequest {
  /** `source` of the request; always sent, because the server's handler panics without it. */
  source: Record<string, unknown> & { type: string }
  /** Other fields of the request. */
  fields?: Record<string, unknown>
  /** Properties that are sent with the request, because the image would lose them otherwise or must have them from the beginning. */
  properties?: Record<string, string>
  /** `Cannot ${what} "server"`. */
  what: string
  /** Whether the server may have the image already, and then rewrites its record. */
  mayExist?: boolean
  /** Whether the other server is asked for the image by an alias. */
  byAlias?: boolean
  /** The fingerprint, if known beforehand. */
  fingerprint?: string | undefined
  /** The value of the marker, for a caller that removes the marker itself. @default a value that is removed at the end */
  note?: string | undefined
  /** The source that the server records. The image can be found again by that, and needs no marker. */
  from?: { server: string; alias: string } | undefined
}

/** The property that marks a new image of unknown fingerprint, so that it can be found again if its operation is lost. */
const marker = 'hyperkit.creation'

/**
 * Makes the server create an image from something that it can reach.
 *
 * Aliases are not sent with the request: if one were taken, the operation would fail and leave the image without any.
 */
export async function createImage(
  connection: Connection,
  request: ImageRequest,
  options: CreateImageOptions,
): Promise<OperationHandle<Image>> {
  checkAttributes(options)
  if (request.note !== undefined) checkProperties({ [marker]: request.note })
  const call: CallOptions = { signal: options.signal, project: options.project }
  await checkAliasesFree(connection, options, request.fingerprint, call)
  await checkPublic(connection, options.public, `${request.what} on`, call)
  const before =
    request.mayExist && request.fingerprint === undefined ? await imagesNow(connection, call) : []
  const id = request.note ?? crypto.randomUUID()
  const from = request.note === undefined ? request.from : undefined
  const marked = request.fingerprint === undefined && from === undefined
  // LXD 5.0 keeps the filename of the source only if the request sets nothing else; the rest is set afterwards.
  const isPlain = from !== undefined && options.filename === undefined
  const feed = options.onProgress && (await openProgressFeed(connection, call))
  const send = (): Promise<Begun> =>
    connection.ask({
      method: 'POST',
      path: '/1.0/images',
      json: {
        ...request.fields,
        source: request.source,
        public: !isPlain && (options.public ?? false),
        auto_update: !isPlain && (options.autoUpdate ?? false),
        filename: options.filename ?? '',
        properties: { ...request.properties, ...(marked ? { [marker]: id } : {}) },
      },
      action: request.what,
      // Servers fetch the first bytes of some sources before they answer.
      timeout: false,
      ...call,
    })
  const search = async (within: CallOptions): Promise<string | undefined> => {
    const images = await listImages(connection, within)
    const made =
      from === undefined
        ? images.filter(({ properties }) => properties[marker] === id)
        : newFrom(from, images, before)
    return made.length === 1 ? made[0]?.fingerprint : undefined
  }
  const find = (): Promise<Begun | undefined> =>
    findBegun(connection, { fingerprint: request.fingerprint, marked, search: () => search(call) }, call)
  const image = request.mayExist ? request.fingerprint : 'another'
  const begin = (): Promise<Begun> => beginCreation(connection, { call, send, find })
  const begun = await begin().catch((error: unknown) => {
    feed?.close()
    throw error
  })
  return operationHandle(
    connection,
    begun.operation,
    { ...call, onProgress: options.onProgress },
    async (ended, waiting) => {
      holdCreation(begun.operation, image, ended)
      const within = { signal: waiting.signal, project: waiting.project }
      const fingerprint = await createdFingerprint(connection, ended, {
        what: `${request.what} on`,
        expected: request.fingerprint ?? begun.fingerprint,
        byAlias: request.byAlias,
        call: within,
        operation: begun.operation,
        onWarning: options.onWarning,
        search: () => search(within),
        again: async () => {
          // The work may go on although its member is silent, or have ended since.
          const { operation, fingerprint: found } = (await find()) ?? (await begin())
          const ended = operation === undefined ? undefined : waitOperation(connection, operation, waiting)
          if (ended !== undefined) holdCreation(operation, image, ended)
          return { ended: Promise.resolve(ended), fingerprint: found }
        },
      })
      const was = before?.find((image) => image.fingerprint === fingerprint)
      const attributes = { ...kept(was), ...given(options) }
      const unmarked = request.note === undefined ? [marker] : []
      return unlessUnseen(connection, fingerprint, options, within, () =>
        applyAttributes(connection, fingerprint, attributes, within, unmarked),
      )
    },
    feed,
  )
}

/**
 * The images that the server has, so that a second download of one loses nothing: servers then reset `public`, `autoUpdate` and
 * `filename` to the values of the request, and Incus also the profiles. Undefined if the listing may be incomplete; then an image
 * that was there is not protected from this.
 */
async function imagesNow(connection: Connection, call: CallOptions): Promise<Image[] | undefined> {
  try {
    return await listImages(connection, call)
  } catch (error) {
    if (isHyperkitError(error, 'list-truncated')) return undefined
    throw error
  }
}

/** The images from that source that are new since then. Which of the older ones a download gave again cannot be found out. */
function newFrom(
  { server, alias }: { server: string; alias: string },
  images: readonly Image[],
  before: readonly Image[] | undefined,
): Image[] {
  const place = (url: string): string => url.replace(/\/+$/, '')
  return images.filter(
    ({ fingerprint, updateSource }) =>
      updateSource?.alias === alias &&
      place(updateSource.server) === place(server) &&
      before?.every((image) => image.fingerprint !== fingerprint),
  )
}

function kept(was: Image | undefined): ImageAttributes {
  return was ? { public: was.public, autoUpdate: was.autoUpdate, profiles: was.profiles } : {}
}

function given(attributes: ImageAttributes): ImageAttributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined))
}

/** @throws {ArgumentError} unless it is an absolute URL with one of these protocols */
export function checkUrl(url: string, argument: string, protocols: readonly string[]): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !protocols.includes(parsed.protocol)) {
    throw new ArgumentError(
      argument,
      `Cannot use ${JSON.stringify(url)} as ${argument}: an address that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')} is needed`,
    )
  }
  return url
}
