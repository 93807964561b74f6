import { HyperkitError } from '@hyperkit/core'
import { formatProblem, loadManifest, type Manifest, ManifestError, type Problem } from '@hyperkit/reconcile'
import {
  countThings,
  findUnportable,
  openOnce,
  type ResolveLockedOptions,
  resolveLocked,
} from '@hyperkit/reconcile/parts'
import type { CommandContext } from './command-context.ts'
import { readPaths } from './manifest-options.ts'

export async function validateCommand(
  given: string | undefined,
  options: { json?: true; file?: string[]; frozen?: true },
  { console, exitWith, signal, wrapTransport }: CommandContext,
): Promise<void> {
  const paths = readPaths(given, options)
  const path = paths.join(', ')
  try {
    const manifest = await loadManifest(paths)
    console.hide(manifest.secrets)
    if (options.frozen)
      await holdToLock(manifest, { signal, wrapTransport, paths, frozen: true, note: console.error })
    const { images, servers } = manifest
    const warnings = findUnportable(manifest)
    if (options.json) return await console.result(document(paths, [], warnings))
    for (const warning of warnings)
      await console.error(console.paintError('change', `Warning: ${formatProblem(warning)}`))
    await console.result(
      `"${path}" is valid: ${countThings(images.length, 'image')}, ${countThings(servers.length, 'server')}.\n`,
    )
  } catch (error) {
    if (!options.json || !(error instanceof ManifestError)) throw error
    await console.result(document(paths, error.problems, []))
    exitWith(1)
  }
}

/** @throws {HyperkitError} also where a source cannot be read: nobody knows then what it holds */
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
): string {
  const list = (all: readonly Problem[]) =>
    all.map(({ file, at, message }) => ({
      // Of several files each problem says its own.
      ...(paths.length === 1 && file === paths[0] ? {} : { file }),
      line: at.line,
      column: at.column,
      message,
    }))
  const content = {
    format: 'hyperkit-validation',
    version: 1,
    file: paths.join(', '),
    valid: problems.length === 0,
    problems: list(problems),
    // What some servers would refuse.
    warnings: list(warnings),
  }
  return `${JSON.stringify(content, null, 2)}\n`
}
