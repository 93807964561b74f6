import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const app = fileURLToPath(new URL('..', import.meta.url))
const main = join(app, 'src/main.ts')
const source = '--conditions=@hyperkit/source'

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

export interface Started {
  child: ChildProcess
  ended: Promise<Ended>
  /** Resolves with the first line of stdout or stderr that contains the text; rejects if the command ends without one. */
  shows(text: string): Promise<string>
}

/** Starts the command from the sources in a new process, on the runtime of the test. */
export async function startCommand(
  args: readonly string[],
  options: { cwd: string; environment?: Record<string, string> },
): Promise<Started> {
  const [program = '', ...before] = await reconcilerCommand()
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env
  const child = spawn(program, [...before, ...args], {
    cwd: options.cwd,
    env: { ...inherited, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
  const shows = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const line = [stdout, stderr]
          .join('\n')
          .split('\n')
          .find((each) => each.includes(text))
        if (line !== undefined) resolve(line)
      }
      look()
      child.stdout.on('data', look)
      child.stderr.on('data', look)
      child.once('close', () => reject(new Error(`ended without showing ${JSON.stringify(text)}: ${stderr}`)))
    })
  return { child, ended, shows }
}

export async function runCommand(
  args: readonly string[],
  options: { cwd: string; environment?: Record<string, string> },
): Promise<Ended> {
  return (await startCommand(args, options)).ended
}

/** The words that start the command. */
export async function reconcilerCommand(): Promise<string[]> {
  if (process.versions.bun !== undefined) return [process.execPath, source, 'run', main]
  if ('deno' in process.versions) return [process.execPath, 'run', '-A', source, main]
  bundle ??= bundleForNode()
  return [process.execPath, await bundle]
}

let bundle: Promise<string> | undefined

/** Once in each worker: Node 20 does not run TypeScript. The bundle is two folders below package.json, near enough for its version to be found. */
async function bundleForNode(): Promise<string> {
  const folder = join(app, '.results', `${process.env.HYPERKIT_TEST_RUN}-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  const bun = fileURLToPath(new URL('../../../node_modules/.bin/bun', import.meta.url))
  const file = join(folder, 'main.mjs')
  await promisify(execFile)(bun, ['build', '--target=node', source, main, `--outfile=${file}`])
  return file
}
