import { type ChildProcess, spawn } from 'node:child_process'
import process from 'node:process'
import type { RunReport } from '../documents/run-report.ts'
import type { NotifyTarget } from '../manifest/notify.ts'

export interface RunCommandOptions {
  /** The report, for the standard input of the command. */
  text: string
  /** The file with the report, for the environment variable `HYPERKIT_REPORT`. */
  path: string
  report: RunReport
  /** Milliseconds after which the command is stopped. */
  timeout: number
}

/** Milliseconds that a command has to exit after SIGTERM. */
const grace = 2_000
/** How many characters of the end of its output are kept, to report if it fails. */
const keptOutput = 2_000

/** Runs a command with the report of a run, and rejects if it fails or does not exit in time. */
export async function runCommand(
  target: Exclude<NotifyTarget, { kind: 'webhook' }>,
  { text, path, report, timeout }: RunCommandOptions,
): Promise<void> {
  const [program = '', ...args] = target.kind === 'shell' ? ['/bin/sh', '-c', target.command] : target.command
  const { changesDone, changesNotDone } = report.summary
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    // A process group of its own: Ctrl-C at the terminal is for this process only, and a signal also reaches what the command starts.
    detached: true,
    env: {
      ...process.env,
      HYPERKIT_REPORT: path,
      HYPERKIT_MANIFEST: report.manifest.name,
      HYPERKIT_CHANGES_DONE: String(changesDone),
      HYPERKIT_CHANGES_NOT_DONE: String(changesNotDone),
    },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (piece: string) => {
      output = (output + piece).slice(-keptOutput)
    })
  // A command that does not read its standard input has not failed.
  child.stdin.on('error', () => {})
  child.stdin.end(text)
  const ended = endOf(child)
  // A second signal ends this process at once, and then nothing else would stop the command.
  const leave = (): void => kill(child, 'SIGKILL')
  process.once('exit', leave)
  ended.catch(() => {}).finally(() => process.off('exit', leave))
  const isLate = await late(ended, timeout)
  if (isLate) {
    kill(child, 'SIGTERM')
    if (await late(ended, grace)) kill(child, 'SIGKILL')
    throw new Error(`the command did not exit within ${timeout / 1000} s and was stopped`)
  }
  const { code, signal } = await ended
  if (code === 0) return
  const last = output.trim().split('\n').at(-1) ?? ''
  throw new Error(
    `the command exited with ${code ?? signal ?? 'no exit code'}${last === '' ? '' : `: ${JSON.stringify(last)}`}`,
  )
}

interface End {
  code: number | null
  signal: string | null
}

function endOf(child: ChildProcess): Promise<End> {
  const ended = new Promise<End>((resolve, reject) => {
    child.once('error', reject)
    // Not `close`: a process that the command left running may keep its outputs open for ever.
    child.once('exit', (code, signal) => {
      resolve({ code, signal })
    })
  })
  ended.catch(() => {})
  return ended
}

/** Whether a promise is still pending after so many milliseconds; rejects if the promise does. */
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
    // The group has exited, or the runtime does not support process groups.
    child.kill(signal)
  }
}
