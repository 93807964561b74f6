import { spawn } from 'node:child_process'
import { withoutProxies } from '../testing/run-suite.ts'
import { type LibraryExample, libraryExamples } from './library-examples.ts'
import type { Rehearsal } from './rehearsal.ts'

/** How a runtime is told to run a program, or a test; where, unless in the folder with the image files. */
export type Start = (file: string, isTest: boolean) => { command: string; args: string[]; cwd?: string }

/** Runs all programs of examples/library, one after the other, on the servers of a rehearsal. */
export async function runLibraryExamples(world: Rehearsal, start: Start, where: string): Promise<string[]> {
  const problems: string[] = []
  for (const example of libraryExamples) {
    const { code, output } = await run(example, world, start)
    if (code !== 0) problems.push(`examples/library/${example.file} ${where}: ended with ${code}\n${output}`)
    else if (!example.prints.test(output))
      problems.push(`examples/library/${example.file} ${where}: did not print ${example.prints}\n${output}`)
  }
  return problems
}

// Their servers run in this process, so it must not block.
function run(
  { file, args, isTest = false, meanwhile }: LibraryExample,
  world: Rehearsal,
  start: Start,
): Promise<{ code: number; output: string }> {
  const { command, args: before, cwd = world.folder } = start(file, isTest)
  const child = spawn(command, [...before, ...args], {
    cwd,
    env: { ...withoutProxies(process.env), NO_COLOR: '1', ...world.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const watchdog = setTimeout(() => {
    output += 'it did not end within two minutes\n'
    child.kill('SIGKILL')
  }, 120_000)
  child.stdout.once('data', () => meanwhile?.(world))
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      clearTimeout(watchdog)
      resolve({ code: code ?? 1, output })
    })
  })
}
