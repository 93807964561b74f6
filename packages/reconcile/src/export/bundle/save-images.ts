import { mkdir } from 'node:fs/promises'
import { relative, sep } from 'node:path'
import { type Client, isHyperkitError } from '@hyperkit/core'
import { type SavedImage, saveImage } from '@hyperkit/files'
import type { ExportedFiles } from '../exported.ts'

/** An image to save. */
export interface WantedImage {
  fingerprint: string
  /** How it is called while it comes. */
  name: string
  /** Servers that have it. */
  on: readonly string[]
}

export interface SaveImagesOptions {
  signal: AbortSignal
  open(server: string): Promise<Client>
  onProgress?: (image: WantedImage, server: string, bytes: number, total: number | undefined) => void
  onSaved?: (image: WantedImage, saved: SavedImage) => Promise<void>
}

/**
 * Saves each image once, verified, from the first server that gives it. What is there already is not loaded again, and what
 * broke off goes on where it ended.
 *
 * @returns the files by fingerprint, absolute
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
      // A full disk is full for all servers.
      if (server === last || isHyperkitError(error, 'file-unwritable')) throw error
    }
  }
  throw new Error(`no server has ${image.fingerprint}`)
}

/** As a manifest in a folder names them. */
export function nameFiles(saved: SavedImage, folder: string): ExportedFiles {
  const near = (path: string): string => relative(folder, path).split(sep).join('/')
  return saved.kind === 'unified'
    ? { file: near(saved.path) }
    : { metadata: near(saved.metadata), rootfs: near(saved.rootfs) }
}
