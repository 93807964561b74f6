import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import type { Runtime } from '../../testing/runtimes.ts'

/** The programs that are killed, as paths below the root of the project. */
const programs = { reconcile: 'apps/reconciler/src/main.ts', import: 'scripts/import.ts' } as const

export type Program = keyof typeof programs

/** A command in a process of its own. */
export interface Started {
  child: ChildProcess
  /** Resolves with its exit code and what it wrote to stderr. */
  ended: Promise<{ code: number | null; stderr: string }>
}

export type Start = (program: Program, args: readonly string[]) => Started

const root = resolve(import.meta.dirname, '..', '..', '..')
const source = '--conditions=@hyperkit/source'

/** Makes a function that starts a program on a runtime: from its sources, or on Node, which may not run TypeScript, from a bundle. */
export async function prepareStart(
  runtime: Runtime,
  folder: string,
  environment: Record<string, string>,
): Promise<Start> {
  const words: Record<Program, string[]> = { reconcile: [], import: [] }
  for (const program of Object.keys(programs) as Program[]) {
    const main = join(root, programs[program])
    const run = runtime.before.includes('run') ? [] : ['run']
    words[program] =
      runtime.name === 'node'
        ? [await bundle(main, join(folder, `${program}.mjs`))]
        : [...runtime.before, ...(runtime.name === 'bun' ? run : []), source, main]
  }
  return (program, args) => {
    const child = spawn(runtime.command, [...words[program], ...args], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: '1', ...environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const ended = new Promise<{ code: number | null; stderr: string }>((done, fail) => {
      child.once('error', fail)
      child.once('close', (code) => done({ code, stderr }))
    })
    return { child, ended }
  }
}

async function bundle(main: string, file: string): Promise<string> {
  await promisify(execFile)(process.execPath, ['build', '--target=node', source, main, `--outfile=${file}`])
  return file
}
