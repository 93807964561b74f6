import { join } from 'node:path'
import type { PackedPackage } from './pack-packages.ts'
import { runTool } from './run-tool.ts'

/** Runs publint and "are the types wrong" on a tarball, and returns their complaints. */
export function lintTarball(root: string, packed: PackedPackage): string[] {
  const bin = (name: string): string => join(root, 'node_modules', '.bin', name)
  const publint = runTool(bin('publint'), ['run', packed.tarball, '--strict'], { cwd: root })
  // --no-definitely-typed, because the packages have their own types, and the look-up would need the network.
  const attwArgs = [
    packed.tarball,
    '--profile',
    'esm-only',
    '--no-definitely-typed',
    '--format',
    'ascii',
    '--no-emoji',
  ]
  // A package that contains only a command has no types to check.
  const attw =
    packed.entries.length === 0 ? { ok: true, output: '' } : runTool(bin('attw'), attwArgs, { cwd: root })
  return [
    ...(publint.ok ? [] : [`publint --strict: ${publint.output}`]),
    ...(attw.ok ? [] : [`attw --profile esm-only: ${attw.output}`]),
  ]
}
