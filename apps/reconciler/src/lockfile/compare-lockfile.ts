import type { Manifest, Position } from '../manifest/manifest.ts'
import type { Problem } from '../manifest/manifest-error.ts'
import type { ReadLockfile, SourceContent } from './lockfile.ts'

export interface Declared {
  name: string
  at: Position
}

/**
 * Where the manifest and its lock part: images that are not locked, locks of images that are not declared, other sources,
 * other contents. Each at the place that tells most: in the manifest, or in the lock.
 *
 * @param declared the images of the manifest that can be locked
 * @param contents of those whose sources were looked at
 */
export function compareLockfile(
  lockfile: ReadLockfile,
  { file }: Pick<Manifest, 'file'>,
  declared: readonly Declared[],
  contents: readonly SourceContent[],
): Problem[] {
  const locks = new Map(lockfile.images.map((image) => [image.name, image]))
  const names = new Set(declared.map(({ name }) => name))
  const missing = declared
    .filter(({ name }) => !locks.has(name))
    .map(({ name, at }) => ({ file, at, message: `image "${name}" is not in "${lockfile.file}"` }))
  const extra = lockfile.images
    .filter(({ name }) => !names.has(name))
    .map(({ name }) => ({
      file: lockfile.file,
      at: lockfile.places.get(name) ?? { line: 1, column: 1 },
      message: `image "${name}" is locked, and the manifest does not declare it`,
    }))
  const differing = contents.flatMap(({ name, fingerprint, source, at }): Problem[] => {
    const lock = locks.get(name)
    if (lock === undefined) return []
    const message =
      lock.source.kind !== source.kind || lock.source.from !== source.from
        ? `image "${name}" comes from ${source.kind} ${source.from}, and was locked from ${lock.source.kind} ${lock.source.from}`
        : lock.fingerprint !== fingerprint
          ? `image "${name}" is ${fingerprint.slice(0, 12)} now, and was locked as ${lock.fingerprint.slice(0, 12)}`
          : undefined
    return message === undefined ? [] : [{ file, at, message }]
  })
  return [...missing, ...extra, ...differing]
}
