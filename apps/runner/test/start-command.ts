import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const source = '--conditions=@hyperkit/source'
const results = join(root, 'apps/runner/.results')

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

export interface Started {
  child: ChildProcess
  ended: Promise<Ended>
  /** Resolves when stderr or stdout contains the text; rejects if the command ends without it. */
  shows(text: string): Promise<void>
}

export interface StartOptions {
  cwd: string
  environment?: Record<string, string>
  /** The content of stdin. @default empty */
  input?: string
}

/** Starts `hyperkit` from the sources in a new process, on the runtime of the test. */
export async function startHyperkit(args: readonly string[], options: StartOptions): Promise<Started> {
  return start([...(await hyperkitCommand()), ...args], options)
}

/** The words that start `hyperkit`. */
export function hyperkitCommand(): Promise<string[]> {
  return commandLine('apps/runner/src/main.ts')
}

/** Starts a script of `scripts/` by itself. */
export async function startScript(
  name: string,
  args: readonly string[],
  options: StartOptions,
): Promise<Started> {
  return start([...(await commandLine(`scripts/${name}.ts`)), ...args], options)
}

export async function runHyperkit(args: readonly string[], options: StartOptions): Promise<Ended> {
  return (await startHyperkit(args, options)).ended
}

/** Runs any program with the words that start it. */
export function runProgram(words: readonly string[], options: StartOptions): Promise<Ended> {
  return start(words, options).ended
}

function start([program = '', ...args]: readonly string[], options: StartOptions): Started {
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...inherited, ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
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
  const shows = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (stderr.includes(text) || stdout.includes(text)) resolve()
      }
      look()
      child.stderr.on('data', look)
      child.stdout.on('data', look)
      child.once('close', () => reject(new Error(`ended without showing ${JSON.stringify(text)}: ${stderr}`)))
    })
  return { child, ended, shows }
}

async function commandLine(file: string): Promise<string[]> {
  if (process.versions.bun !== undefined) return [process.execPath, source, 'run', join(root, file)]
  if ('deno' in process.versions) return [process.execPath, 'run', '-A', source, join(root, file)]
  built ??= buildForNode()
  return [process.execPath, join(await built, file.replace(/\.ts$/, '.js'))]
}

let built: Promise<string> | undefined

/** Builds, once in each worker, the command and the scripts as JavaScript, in the same folders as the sources, because Node 20 does not run TypeScript. */
async function buildForNode(): Promise<string> {
  const folder = join(results, `${process.env.HYPERKIT_TEST_RUN}-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  const scripts = readdirSync(join(root, 'scripts')).filter((file) => /^[a-z-]+\.ts$/.test(file))
  const entries = ['apps/runner/src/main.ts', ...scripts.map((file) => `scripts/${file}`)]
  const options = ['--target=node', '--splitting', source, `--root=${root}`, `--outdir=${folder}`]
  const bun = join(root, 'node_modules/.bin/bun')
  await promisify(execFile)(bun, ['build', ...options, ...entries.map((file) => join(root, file))], {
    cwd: root,
  })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
  cpSync(join(root, 'apps/runner/package.json'), join(folder, 'apps/runner/package.json'))
  return folder
}
