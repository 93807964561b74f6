import type { Manifest } from '../manifest/manifest.ts'

/** Absolute paths of the files that are sources of a manifest's images. */
export function sourceFiles({ images }: Manifest): string[] {
  const files = images.flatMap((image) => {
    if (image.state === 'absent') return []
    const { source } = image
    if (source.kind === 'file') return [source.file]
    return source.kind === 'split' ? [source.metadata, source.rootfs] : []
  })
  return [...new Set(files)]
}
