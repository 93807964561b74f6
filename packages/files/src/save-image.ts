import { ArgumentError, type Client } from '@hyperkit/core'
import type { ReportProgress } from '@hyperkit/core/parts'
import { findSaved } from './save/already-there.ts'
import { choosePlaces, findStream, type SaveTarget, serverNameOf } from './save/places.ts'
import { type ImageReference, resolveReference } from './save/resolve-reference.ts'
import { saveSplit } from './save/save-split.ts'
import { saveToStream } from './save/save-to-stream.ts'
import { saveUnified } from './save/save-unified.ts'

/** Options of {@link saveImage}. */
export interface SaveImageOptions {
  signal?: AbortSignal | undefined
  /** @default the client's project */
  project?: string | undefined
  /** A secret of `client.images.createSecret()` lets an untrusted client save a private image. It needs all 64 characters of the fingerprint. */
  secret?: string | undefined
  /**
   * The name of the file in the directory: the fingerprint, or the name that the file had at its upload, which must be a plain
   * name.
   * @default 'fingerprint'
   */
  filename?: 'fingerprint' | 'server' | undefined
  /** Called with progress of the stage `save`. */
  onProgress?: ReportProgress | undefined
}

interface SavedFacts {
  fingerprint: string
  /** Bytes of the file, or of both files together. */
  size: number
  /** Bytes that came over the network; 0 if the files existed already. */
  received: number
}

/** The file of a unified image. */
export interface SavedUnifiedImage extends SavedFacts {
  kind: 'unified'
  path: string
}

/** The two files of a split image. */
export interface SavedSplitImage extends SavedFacts {
  kind: 'split'
  metadata: string
  rootfs: string
}

/** The result of {@link saveImage}. */
export type SavedImage = SavedUnifiedImage | SavedSplitImage

/**
 * Saves an image as a file, or two if it is split, and verifies it against its fingerprint before it gets its name. An existing file
 * of that name is untouched until then; if it is this image already, nothing is downloaded.
 *
 * A transfer that breaks off is continued. After a failure or an abort, a `.part` file remains beside the target, and the next call
 * continues it (unified images only, since servers send split ones whole).
 *
 * If `path` is a symbolic link, it stays, and the file that it leads to is replaced. To a device, a FIFO or `/dev/stdout` a unified
 * image is written as it arrives: its reader must wait for this call to know that it is the image.
 *
 * @param reference an alias, a fingerprint or the beginning of one
 * @param target an existing directory, or `{ path }`
 * @throws HyperkitError code `file-unwritable`: disk full, not permitted, read-only
 * @throws FingerprintMismatchError if the received file is not the image; it is discarded
 *
 * @example
 * ```ts
 * const saved = await saveImage(client, 'ubuntu/noble', './images')
 * ```
 */
export async function saveImage(
  client: Client<boolean>,
  reference: ImageReference,
  target: SaveTarget,
  options: SaveImageOptions = {},
): Promise<SavedImage> {
  const { filename = 'fingerprint', onProgress, ...call } = options
  if (filename !== 'fingerprint' && filename !== 'server') {
    throw new ArgumentError(
      'filename',
      `Cannot use ${JSON.stringify(filename)} as "filename": it must be "fingerprint" or "server"; give { path } for a name of your own`,
    )
  }
  call.signal?.throwIfAborted()
  const fingerprint = await resolveReference(client, reference, call)
  const stream = await findStream(target)
  if (stream !== undefined)
    return { fingerprint, ...(await saveToStream(client, fingerprint, stream, { ...call, onProgress })) }
  const places = await choosePlaces(
    target,
    fingerprint,
    filename === 'server' ? () => serverNameOf(client, fingerprint, call) : undefined,
  )
  const found = await findSaved(places, fingerprint, call.signal)
  if (found) return { fingerprint, received: 0, ...found }
  const saved = await saveUnified(client, fingerprint, places, { ...call, onProgress })
  if (!('parts' in saved)) return { fingerprint, ...saved }
  return { fingerprint, ...(await saveSplit(client, saved, places, { ...call, onProgress })) }
}
