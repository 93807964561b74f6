import { ArgumentError, type Client } from '@hyperkit/core'
import type { ReportProgress } from './disk/count-progress.ts'
import { findSaved } from './save/already-there.ts'
import { choosePlaces, type SaveTarget, serverNameOf } from './save/places.ts'
import { type ImageReference, resolveReference } from './save/resolve-reference.ts'
import { saveSplit } from './save/save-split.ts'
import { saveUnified } from './save/save-unified.ts'

/** Options of {@link saveImage}. */
export interface SaveImageOptions {
  signal?: AbortSignal | undefined
  /** @default the client's project */
  project?: string | undefined
  /** Of `client.images.createSecret()`: lets an untrusted client save a private image. Give all 64 characters of the fingerprint with it. */
  secret?: string | undefined
  /**
   * What the file is called in the directory: after the fingerprint, or as the file that was once uploaded, where that is
   * a plain name.
   * @default 'fingerprint'
   */
  filename?: 'fingerprint' | 'server' | undefined
  /** Stage `save`. */
  onProgress?: ReportProgress | undefined
}

interface SavedFacts {
  fingerprint: string
  /** Bytes, of both files together. */
  size: number
  /** Bytes that came over the network; 0 where the files were there already. */
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

/** What {@link saveImage} saved, and where. */
export type SavedImage = SavedUnifiedImage | SavedSplitImage

/**
 * Saves an image as a file, or two if it is split, and verifies it against its fingerprint before it gets its name. A good
 * file of that name is untouched until then, and where it is this image already nothing is downloaded.
 *
 * What breaks off is continued; after a failure or an abort a `.part` file beside the target stays, and the next call
 * continues there (unified images only: servers send split ones whole).
 *
 * @param reference an alias, a fingerprint or the beginning of one
 * @param target an existing directory, or `{ path }`
 * @throws HyperkitError code `file-unwritable`: disk full, not permitted, read-only
 * @throws FingerprintMismatchError what came is not the image; nothing of it is kept
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
      `Cannot use ${JSON.stringify(filename)} as filename: "fingerprint" or "server" is needed; for a name of your own give { path }`,
    )
  }
  call.signal?.throwIfAborted()
  const fingerprint = await resolveReference(client, reference, call)
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
