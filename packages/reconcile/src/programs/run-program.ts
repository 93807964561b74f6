import { type ChildProcess, spawn } from 'node:child_process'
import process from 'node:process'
import type { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'

/** Options of {@link runProgram}. */
export interface RunProgramOptions {
  /** What the program is, for errors: `the command`. */
  what: string
  /** Environment variables, in addition to those of this process. */
  environment: Readonly<Record<string, string>>
  /** Its standard input. @default empty */
  input?: string | undefined
  /** Milliseconds after which the program is stopped. */
  timeout: number
  /** Stops the program; the promise then rejects with the signal's reason. */
  signal?: AbortSignal | undefined
}

/** Milliseconds that a program has to exit after SIGTERM. */
const grace = 2_000
/** Milliseconds between two looks at whether all that it started has exited too. */
const look = 50
/** Milliseconds that the last output of a program has to arrive after its exit. */
const drain = 500
/** How many characters of the end of its output are kept, to report if it fails. */
const keptOutput = 2_000

/** Runs a program of the user without a shell, and rejects if it fails or does not exit in time. */
export async function runProgram(
  [program = '', ...args]: readonly string[],
  { what, environment, input = '', timeout, signal }: RunProgramOptions,
): Promise<void> {
  signal?.throwIfAborted()
  const child: ChildProcess = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    // A process group of its own: Ctrl-C at the terminal is for this process only, and a signal also reaches what the program starts.
    detached: true,
    env: { ...process.env, ...environment },
  })
  const ended = endOf(child, what)
  // A second signal ends this process at once, and then nothing else would stop the program.
  const leave = (): void => killGroup(child, 'SIGKILL')
  process.once('exit', leave)
  let output = ''
  // A program that could not be started may have no streams.
  const outputs = [child.stdout, child.stderr].filter((stream) => stream != null)
  for (const stream of outputs)
    stream.setEncoding('utf8').on('data', (piece: string) => {
      output = (output + piece).slice(-keptOutput)
    })
  const drained = Promise.all(outputs.map(closeOf))
  // A program that does not read its standard input has not failed.
  child.stdin?.on('error', () => {})
  child.stdin?.end(input)
  try {
    if (await outlasts(ended, timeout, signal)) {
      await stop(child, ended)
      signal?.throwIfAborted()
      throw new Error(`${what} did not exit within ${timeout / 1000} s and was stopped`)
    }
    // A process that the program left running may keep its outputs open for ever.
    await outlasts(drained, drain)
  } finally {
    process.off('exit', leave)
    for (const stream of [child.stdin, ...outputs]) stream?.destroy()
  }
  const { code, signal: by } = await ended
  if (code === 0) return
  const last = output.trim().split('\n').at(-1) ?? ''
  throw new Error(
    `${what} exited with ${code ?? by ?? 'no exit code'}${last === '' ? '' : `: ${JSON.stringify(last)}`}`,
  )
}

interface End {
  code: number | null
  signal: string | null
}

function endOf(child: ChildProcess, what: string): Promise<End> {
  const ended = new Promise<End>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new Error(`${what} could not be started: ${cause.message}`, { cause })),
    )
    // Not `close`: that comes after the end of its outputs.
    child.once('exit', (code, signal) => {
      resolve({ code, signal })
    })
  })
  ended.catch(() => {})
  return ended
}

/** Whether a promise is still pending after so many milliseconds, or when the signal is aborted; rejects if the promise does. */
async function outlasts(
  ended: Promise<unknown>,
  milliseconds: number,
  signal?: AbortSignal,
): Promise<boolean> {
  let stop: () => void = () => {}
  const limit = new Promise<boolean>((resolve) => {
    const end = (): void => resolve(true)
    const timer = setTimeout(end, milliseconds)
    signal?.addEventListener('abort', end)
    stop = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
    }
  })
  return Promise.race([ended.then(() => false), limit]).finally(stop)
}

function closeOf(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ['end', 'close', 'error']) stream.once(event, () => resolve())
  })
}

/** Stops a program and what it has started: with SIGTERM, and those that are left after the grace with SIGKILL. */
async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  const late = AbortSignal.timeout(grace)
  killGroup(child, 'SIGTERM')
  await outlasts(ended, grace)
  while (isGroupAlive(child) && !late.aborted) await pause(look)
  killGroup(child, 'SIGKILL')
}

function isGroupAlive({ pid }: ChildProcess): boolean {
  try {
    return pid !== undefined && process.kill(-pid, 0)
  } catch {
    return false
  }
}

function killGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // The group has exited, or the runtime does not support process groups.
    child.kill(signal)
  }
}
