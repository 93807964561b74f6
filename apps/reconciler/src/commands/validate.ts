import { HyperkitError } from '@hyperkit/core'
import { formatProblem, loadManifest, type Manifest, ManifestError, type Problem } from '@hyperkit/reconcile'
import type { ValidationDocument } from '@hyperkit/reconcile/documents'
import {
  checkPolicy,
  checkSourceFiles,
  countThings,
  createFingerprinter,
  findUnportable,
  noteOnce,
  openOnce,
  type ResolveLockedOptions,
  resolveLocked,
} from '@hyperkit/reconcile/parts'
import { defineScript } from '@hyperkit/script'
import * as v from 'valibot'
import {
  fileArguments,
  frozenArguments,
  manifestWord,
  namedByManifest,
  toggle,
} from '../arguments/manifest-arguments.ts'
import { readPaths } from '../arguments/read-input.ts'
import { descriptions } from '../descriptions.ts'
import { hideSecretsOf, openingOf } from '../run/preparing.ts'
import { printResult } from '../run/print-result.ts'

export default defineScript({
  description: descriptions.validate,
  details:
    'It connects to servers only with --frozen, to read what the sources have now; it reads image files only with --files.',
  connects: false,
  refuses: { ...namedByManifest, remote: 'it connects to no server' },
  args: v.object({
    manifest: manifestWord(),
    ...fileArguments,
    ...frozenArguments,
    files: toggle('Also check the image files: that they are complete, and those of an image'),
  }),
  async run({ args, ...tools }) {
    const { console, signal, json, result, fail, dryRun } = tools
    const paths = readPaths(args)
    try {
      const manifest = await loadManifest(paths)
      hideSecretsOf(manifest, tools)
      checkPolicy(manifest)
      const damaged = args.files ? await checkSourceFiles(manifest, { signal, isDry: dryRun }) : []
      if (damaged.length > 0) throw new ManifestError(damaged)
      if (args.frozen)
        await holdToLock(manifest, {
          signal,
          ...openingOf(tools),
          paths,
          frozen: true,
          note: console.note,
          onWarning: noteOnce(console.note),
          fingerprint: createFingerprinter({ isDry: dryRun }),
        })
      const { images, servers } = manifest
      const warnings = findUnportable(manifest)
      if (!json)
        for (const warning of warnings)
          await console.error(console.paintError('change', `Warning: ${formatProblem(warning)}`))
      const counted = `${countThings(images.length, 'image')}, ${countThings(servers.length, 'server')}`
      await printResult(tools, document(paths, [], warnings), `"${paths.join(', ')}" is valid: ${counted}.\n`)
    } catch (error) {
      if (!json || !(error instanceof ManifestError)) throw error
      result(document(paths, error.problems, []), '')
      fail(error.message, { code: error.code, isShown: true })
    }
  },
})

/** @throws {HyperkitError} also if a source cannot be read: it is unknown then what it holds */
async function holdToLock(manifest: Manifest, options: ResolveLockedOptions): Promise<void> {
  const { open, close } = openOnce(manifest, options)
  const desired = await resolveLocked(manifest, manifest, { ...options, open }).finally(close)
  const unread = desired.servers.flatMap(({ unresolved = [] }) => unresolved)
  const [first] = unread
  if (first === undefined) return
  const messages = new Set(unread.map(({ error }) => error.message))
  throw new HyperkitError('unreachable', [...messages].join('\n'))
}

function document(
  paths: readonly string[],
  problems: readonly Problem[],
  warnings: readonly Problem[],
): ValidationDocument {
  const list = (all: readonly Problem[]) =>
    all.map(({ file, at, message }) => ({
      // If there are several files, each problem names its own.
      ...(paths.length === 1 && file === paths[0] ? {} : { file }),
      line: at.line,
      column: at.column,
      message,
    }))
  return {
    format: 'hyperkit-validation',
    version: 1,
    file: paths.join(', '),
    valid: problems.length === 0,
    problems: list(problems),
    // Problems on some servers only.
    warnings: list(warnings),
  }
}
