import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { findNodes } from '../testing/nodes.ts'
import { findRuntimes } from '../testing/runtimes.ts'
import type { Installed } from './install-commands.ts'

/** A program that is started once a round. */
export interface Start {
  name: string
  command: string
  args: readonly string[]
}

/** What starts in turn. A runtime that starts with an empty file is what its commands are compared with. */
export function listStarts(root: string, { npm, alone }: Installed): Start[] {
  const empty = join(npm, 'empty.mjs')
  writeFileSync(empty, '')
  const own = findRuntimes(root).find(({ name }) => name === 'node')?.command ?? 'node'
  const nodes = [{ name: 'node-20', command: own }, ...findNodes()]
  const list = ['list', '--remote', 'lxc:local']
  const program = join(npm, 'hyperkit')
  const onNodes = nodes.flatMap(({ name, command }) => [
    { name: `${name}: start`, command, args: [empty] },
    { name: `${name}: list`, command, args: [program, ...list] },
    { name: `${name}: --help`, command, args: [program, '--help'] },
    { name: `${name}: plan --help`, command, args: [join(npm, 'hyperkit-reconcile'), 'plan', '--help'] },
    { name: `${name}: completion`, command, args: [program, '--complete', 'list', '--'] },
  ])
  // Bun itself, because npm's link starts Node.
  const bun = process.execPath
  return [
    { name: 'lxc image list', command: 'lxc', args: ['image', 'list'] },
    ...onNodes,
    { name: 'bun: start', command: bun, args: [empty] },
    { name: 'bun: list', command: bun, args: [program, ...list] },
    { name: 'bun: --help', command: bun, args: [program, '--help'] },
    { name: 'executable: list', command: join(alone, 'hyperkit'), args: list },
    { name: 'executable: --help', command: join(alone, 'hyperkit'), args: ['--help'] },
    {
      name: 'executable: plan --help',
      command: join(alone, 'hyperkit-reconcile'),
      args: ['plan', '--help'],
    },
  ]
}
