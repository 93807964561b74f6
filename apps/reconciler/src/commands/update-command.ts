import { basename } from 'node:path'
import { loadManifest } from '@hyperkit/reconcile'
import {
  checkLockable,
  checkSelection,
  fingerprintFiles,
  lockableContents,
  lockableImages,
  lockfilePath,
  openOnce,
  readLockfile,
  renderLockfile,
  renderLockMoves,
  renderLockMovesJson,
  replaceFile,
  resolveDesired,
  updateLockfile,
} from '@hyperkit/reconcile/parts'
import type { CommandContext } from './command-context.ts'
import { readPaths } from './manifest-options.ts'

export interface UpdateOptions {
  file?: string[]
  json?: true
  dryRun?: true
}

/** Writes what the sources hold now to the lock file, of all images or of those that are named. */
export async function updateCommand(
  given: string | undefined,
  named: readonly string[],
  options: UpdateOptions,
  { console, signal, wrapTransport, exitWith }: CommandContext,
): Promise<void> {
  // With --file the manifest is named already, and all else is images.
  const isNamed = options.file !== undefined && given !== undefined
  const paths = readPaths(isNamed ? undefined : given, options)
  const images = isNamed ? [given, ...named] : named
  const manifest = await loadManifest(paths)
  console.hide(manifest.secrets)
  checkSelection(manifest, { targets: images, servers: [] })
  checkLockable(manifest)
  const path = await lockfilePath(paths)
  const before = await readLockfile(path)

  const isLookedAt = (name: string): boolean => images.length === 0 || images.includes(name)
  const lockable = lockableImages(manifest)
  const part = { ...manifest, images: lockable.filter(({ name }) => isLookedAt(name)) }
  const { open, close } = openOnce(manifest, { wrapTransport })
  const reading = { signal, fingerprint: fingerprintFiles, open, wrapTransport }
  const desired = await resolveDesired(part, reading).finally(close)
  // What could not be looked at stays as it was locked.
  const unread = new Map(
    desired.servers.flatMap(({ unresolved = [] }) =>
      unresolved.map((each) => [each.name, each.error] as const),
    ),
  )
  for (const { message } of unread.values()) await console.error(console.paintError('error', message))
  if (unread.size > 0) exitWith(1)
  const contents = lockableContents(part, desired, path).filter(({ name }) => !unread.has(name))
  const declared = lockable.map(({ name }) => name)
  const { lockfile, moves } = updateLockfile(before, contents, { now: new Date().toISOString(), declared })
  const isToWrite = !options.dryRun && (before === undefined || moves.length > 0)
  if (isToWrite)
    await replaceFile(path, renderLockfile(lockfile, paths.map((each) => basename(each)).join(', ')))

  const unchanged = lockfile.images.length - moves.filter(({ after }) => after !== undefined).length
  if (options.json) await console.result(renderLockMovesJson(path, moves))
  else await console.result(renderLockMoves(moves, unchanged, console.paint))
  await console.error(
    isToWrite ? `Wrote "${path}"` : `"${path}" ${options.dryRun ? 'was not written' : 'is up to date'}`,
  )
}
