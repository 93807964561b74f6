import { loadManifest } from '@hyperkit/reconcile'
import {
  checkLockable,
  checkSelection,
  createFingerprinter,
  describeLockMoves,
  lockableContents,
  lockableImages,
  lockfilePath,
  noteOnce,
  openOnce,
  readLockfile,
  renderLockMoves,
  resolveDesired,
  updateLockfile,
  writeLockfile,
} from '@hyperkit/reconcile/parts'
import { defineScript } from '@hyperkit/script'
import * as v from 'valibot'
import { fileArguments, imageWords, manifestWord, namedByManifest } from '../arguments/manifest-arguments.ts'
import { readPaths } from '../arguments/read-input.ts'
import { descriptions } from '../descriptions.ts'
import { hideSecretsOf, openingOf } from '../run/preparing.ts'
import { printResult } from '../run/print-result.ts'

/** Writes what the sources hold now to the lock file, for all images or the named ones. */
export default defineScript({
  description: descriptions.update,
  connects: false,
  handlesDryRun: true,
  refuses: namedByManifest,
  args: v.object({
    manifest: manifestWord(),
    images: imageWords('Only these images; the entries of others stay unchanged'),
    ...fileArguments,
  }),
  async run({ args, ...tools }) {
    const { console, signal, fail, dryRun } = tools
    const { manifest: given, file } = args
    // With --file the manifest is named already, so all words are images.
    const isNamed = file.length > 0 && given !== undefined
    const paths = readPaths(isNamed ? { file } : args)
    const images = isNamed ? [given, ...args.images] : args.images
    const manifest = await loadManifest(paths)
    hideSecretsOf(manifest, tools)
    checkSelection(manifest, { targets: images, servers: [] })
    checkLockable(manifest)
    const path = await lockfilePath(paths)
    const before = await readLockfile(path)

    const isLookedAt = (name: string): boolean => images.length === 0 || images.includes(name)
    const lockable = lockableImages(manifest)
    const part = { ...manifest, images: lockable.filter(({ name }) => isLookedAt(name)) }
    const { open, close } = openOnce(manifest, openingOf(tools))
    const desired = await resolveDesired(part, {
      signal,
      ...openingOf(tools),
      onWarning: noteOnce(console.note),
      fingerprint: createFingerprinter({ isDry: dryRun }),
      open,
    }).finally(close)
    // Images whose source could not be read stay locked as before.
    const unread = new Map(
      desired.servers.flatMap(({ unresolved = [] }) =>
        unresolved.map((each) => [each.name, each.error] as const),
      ),
    )
    for (const { message, code } of unread.values()) fail(message, { code })
    const contents = lockableContents(part, desired, path).filter(({ name }) => !unread.has(name))
    const declared = lockable.map(({ name }) => name)
    const { lockfile, moves } = updateLockfile(before, contents, { now: new Date().toISOString(), declared })
    const isToWrite = !dryRun && (before === undefined || moves.length > 0)
    if (isToWrite) await writeLockfile(path, lockfile, paths)
    const unchanged = lockfile.images.length - moves.filter(({ after }) => after !== undefined).length
    await printResult(tools, describeLockMoves(path, moves), renderLockMoves(moves, unchanged, console.paint))
    await console.note(
      isToWrite ? `Wrote "${path}"` : `"${path}" ${dryRun ? 'was not written' : 'is up to date'}`,
    )
  },
})
