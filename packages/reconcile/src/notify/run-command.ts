import { type ChildProcess, spawn } from 'node:child_process'
import process from 'node:process'
import type { RunReport } from '../documents/run-report.ts'
import type { NotifyTarget } from '../manifest/notify.ts'

export interface RunCommandOptions {
  /** The report, on its standard input. */
  text: string
  /** The file with the report, in its environment as `HYPERKIT_REPORT`. */
  path: string
  report: RunReport
  /** Milliseconds after which it is ended. */
  timeout: number
}

/** Milliseconds that a command has to end in order. */
const grace = 2_000
/** Of what it says the end is told where it fails. */
const kept = 2_000

/** Runs a command with the report of a run, and rejects where it does not end well in time. */
export async function runCommand(
  target: Exclude<NotifyTarget, { kind: 'webhook' }>,
  { text, path, report, timeout }: RunCommandOptions,
): Promise<void> {
  const [program = '', ...args] = target.kind === 'shell' ? ['/bin/sh', '-c', target.command] : target.command
  const { changesDone, changesNotDone } = report.summary
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C at the terminal is for this process, and what the command starts ends with it.
    detached: true,
    env: {
      ...process.env,
      HYPERKIT_REPORT: path,
      HYPERKIT_MANIFEST: report.manifest.name,
      HYPERKIT_CHANGES_DONE: String(changesDone),
      HYPERKIT_CHANGES_NOT_DONE: String(changesNotDone),
    },
  })
  let said = ''
  for (const output of [child.stdout, child.stderr])
    output.setEncoding('utf8').on('data', (piece: string) => {
      said = (said + piece).slice(-kept)
    })
  // One that does not read what it is given is none the worse for it.
  child.stdin.on('error', () => {})
  child.stdin.end(text)
  const ended = endOf(child)
  // A second signal ends this process at once, and nobody else would end the command then.
  const leave = (): void => kill(child, 'SIGKILL')
  process.once('exit', leave)
  ended.catch(() => {}).finally(() => process.off('exit', leave))
  const isLate = await late(ended, timeout)
  if (isLate) {
    kill(child, 'SIGTERM')
    if (await late(ended, grace)) kill(child, 'SIGKILL')
    throw new Error(`it did not end within ${timeout / 1000} s, and was ended`)
  }
  const { code, signal } = await ended
  if (code === 0) return
  const last = said.trim().split('\n').at(-1) ?? ''
  throw new Error(
    `it ended with ${code ?? signal ?? 'no exit code'}${last === '' ? '' : `: ${JSON.stringify(last)}`}`,
  )
}

interface End {
  code: number | null
  signal: string | null
}

function endOf(child: ChildProcess): Promise<End> {
  const ended = new Promise<End>((resolve, reject) => {
    child.once('error', reject)
    // Not `close`: what it left running may hold its outputs open for ever.
    child.once('exit', (code, signal) => {
      resolve({ code, signal })
    })
  })
  ended.catch(() => {})
  return ended
}

/** Whether something is not over within so many milliseconds; throws as it does. */
async function late(ended: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(true), milliseconds)
  })
  return Promise.race([ended.then(() => false), limit]).finally(() => clearTimeout(timer))
}

function kill(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-(child.pid ?? 0), signal)
  } catch {
    // The group has ended, or the runtime knows none.
    child.kill(signal)
  }
}
