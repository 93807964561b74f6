import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commands } from '@hyperkit/reconciler/commands'
import { scriptNames } from '../bundle/programs.ts'
import { runTool } from './run-tool.ts'

/**
 * Runs an executable by both of its names.
 *
 * @param folder has a link of each name
 * @throws if one of them does not list its commands
 */
export function tryExecutable(folder: string): void {
  expectList(join(folder, 'hyperkit'), scriptNames())
  expectList(
    join(folder, 'hyperkit-reconcile'),
    commands.map(({ name }) => name),
  )
}

function expectList(program: string, names: readonly string[]): void {
  const listed = runTool(program, ['--list'], { cwd: tmpdir() })
  const found = listed.stdout.split('\n').map((line) => line.split(' ')[0])
  const missing = names.filter((name) => !found.includes(name))
  if (!listed.ok || missing.length > 0)
    throw new Error(`Cannot use "${program}": it does not list ${missing.join(', ')}; ${listed.output}`)
}
