import { mkdir } from 'node:fs/promises'
import { relative, sep } from 'node:path'
import { type Client, isHyperkitError } from '@hyperkit/core'
import { type SavedImage, saveImage } from '@hyperkit/files'
import type { ExportedFiles } from '../exported.ts'

/** An image to save. */
export interface WantedImage {
  fingerprint: string
  /** The name that progress shows. */
  name: string
  /** The servers that have the image. */
  on: readonly string[]
}

export interface SaveImagesOptions {
  signal: AbortSignal
  open(server: string): Promise<Client>
  onProgress?: (image: WantedImage, server: string, bytes: number, total: number | undefined) => void
  onSaved?: (image: WantedImage, saved: SavedImage) => Promise<void>
}

/**
 * Saves and verifies each image once, from the first server that delivers it. Files that exist are not downloaded again, and
 * interrupted downloads are resumed.
 *
 * @returns the files by fingerprint, with absolute paths
 */
export async function saveImages(
  images: readonly WantedImage[],
  folder: string,
  options: SaveImagesOptions,
): Promise<Map<string, SavedImage>> {
  await mkdir(folder, { recursive: true })
  const saved = new Map<string, SavedImage>()
  for (const image of images) {
    if (saved.has(image.fingerprint)) continue
    const found = await saveFromAny(image, folder, options)
    saved.set(image.fingerprint, found)
    await options.onSaved?.(image, found)
  }
  return saved
}

async function saveFromAny(
  image: WantedImage,
  folder: string,
  { signal, open, onProgress }: SaveImagesOptions,
): Promise<SavedImage> {
  const [last] = image.on.slice(-1)
  for (const server of image.on) {
    try {
      return await saveImage(await open(server), image.fingerprint, folder, {
        signal,
        onProgress: ({ bytes = 0, totalBytes }) => onProgress?.(image, server, bytes, totalBytes),
      })
    } catch (error) {
      signal.throwIfAborted()
      // If a file cannot be written, trying another server does not help.
      if (server === last || isHyperkitError(error, 'file-unwritable')) throw error
    }
  }
  throw new Error(`No server has image "${image.fingerprint}"`)
}

/** The files as a manifest in a folder names them. */
export function nameFiles(saved: SavedImage, folder: string): ExportedFiles {
  const near = (path: string): string => relative(folder, path).split(sep).join('/')
  return saved.kind === 'unified'
    ? { file: near(saved.path) }
    : { metadata: near(saved.metadata), rootfs: near(saved.rootfs) }
}
