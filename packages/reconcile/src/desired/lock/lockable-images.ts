import type { Manifest, PresentImage } from '../../manifest/manifest.ts'
import type { FileSource, RemoteSource, ServerSource, UrlSource } from '../../manifest/source.ts'
import { findMaker } from '../../sources/find-maker.ts'

export type LockableImage = PresentImage & {
  source: FileSource | RemoteSource | UrlSource | ServerSource
}

/**
 * The images whose content does not depend on what this manifest does. Published images, and copies of what the manifest itself
 * brings to a server, change with each run there; a copy is locked through the source of the image that it copies.
 */
export function lockableImages(manifest: Manifest): LockableImage[] {
  return manifest.images.filter(
    (image): image is LockableImage => image.state === 'present' && isLockable(image, manifest),
  )
}

function isLockable({ source }: PresentImage, manifest: Manifest): boolean {
  if (source.kind === 'server')
    return source.alias === undefined || findMaker(manifest, source.server, source.alias) === undefined
  return (['file', 'split', 'remote', 'url'] as const).some((kind) => kind === source.kind)
}
