import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

export type RuntimeName = 'node' | 'bun' | 'deno'

export interface Runtime<Name extends string = string> {
  name: Name
  command: string
  /** The arguments before the path of a script. */
  before: readonly string[]
}

/**
 * The three runtimes: the user's Node, and Bun and Deno from the devDependencies, so that everyone tests the same versions.
 *
 * @param root the folder whose node_modules contains them
 */
export function findRuntimes(root: string): Runtime<RuntimeName>[] {
  const bin = (name: string): string => join(root, 'node_modules', '.bin', name)
  return [
    { name: 'node', command: nodeCommand(), before: [] },
    { name: 'bun', command: bin('bun'), before: ['--bun'] },
    { name: 'deno', command: bin('deno'), before: ['run', '-A'] },
  ]
}

/** The file that the command `vitest` starts. */
export function vitestEntry(root: string): string {
  const manifest = createRequire(join(root, 'package.json')).resolve('vitest/package.json')
  return join(dirname(manifest), 'vitest.mjs')
}

/** This script runs on Bun, so `process.execPath` is Bun; npm sets a variable with the Node that started it. */
function nodeCommand(): string {
  return process.env.npm_node_execpath ?? 'node'
}
