import { shortFingerprint } from '@hyperkit/core/parts'
import type { LockedImage } from '../../documents/lock-file.ts'
import type { Manifest, Position } from '../../manifest/manifest.ts'
import type { Problem } from '../../manifest/manifest-error.ts'
import { contentFor, isLockedContent, type ReadLockfile, type SourceContent } from './lockfile.ts'

/** An image that the manifest declares, and its position. */
export interface Declared {
  name: string
  at: Position
}

/**
 * Finds the differences between a manifest and its lock file: images that are not locked, locked images that are not declared,
 * and sources or contents that have changed. Each has the most useful position, in the manifest or in the lock file.
 *
 * @param declared the images of the manifest that can be locked
 * @param contents what the sources hold now, for those that were read
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
      message: `image "${name}" is locked, but the manifest does not declare it`,
    }))
  const differing = contents.flatMap((content): Problem[] => {
    const lock = locks.get(content.name)
    return lock === undefined
      ? []
      : compareContent(content, lock).map((message) => ({ file, at: content.at, message }))
  })
  return [...missing, ...extra, ...differing]
}

function compareContent(content: SourceContent, lock: LockedImage): string[] {
  const { name, source } = content
  if (lock.source.kind !== source.kind || lock.source.from !== source.from)
    return [
      `image "${name}" comes from ${source.kind} ${source.from}, but was locked from ${lock.source.kind} ${lock.source.from}`,
    ]
  const moved = new Map<string, string[]>()
  for (const server of content.servers) {
    const [now, locked] = [contentFor(content, server), contentFor(lock, server)]
    if (isLockedContent(now, locked)) continue
    const [is, was] =
      now.fingerprint === locked.fingerprint
        ? [now, locked].map(({ serial = 'no digest' }) => serial.slice(0, 'sha256:'.length + 12))
        : [now, locked].map(({ fingerprint }) => shortFingerprint(fingerprint))
    const what = `is ${is} now, but was locked as ${was}`
    moved.set(what, [...(moved.get(what) ?? []), server])
  }
  return [...moved].map(([what, servers]) => {
    const on = servers.length === content.servers.length ? '' : ` for ${servers.join(', ')}`
    return `image "${name}" ${what}${on}`
  })
}
