import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import process from 'node:process'
import { hyperkitCommand } from './start-command.ts'

/** Why a command cannot be run on a terminal here; undefined if it can. */
export const noTerminal = ['/usr/bin/script', '/bin/script'].some((path) => existsSync(path))
  ? undefined
  : 'the program "script", which makes a terminal, is not installed'

export const ctrlC = '\u0003'

export interface OnTerminalOptions {
  cwd: string
  environment: Record<string, string>
  /** The texts to type, each after the terminal has shown a text; followed by Enter, except {@link ctrlC}. */
  answers?: readonly (readonly [shown: string, typed: string])[]
}

/** Runs `hyperkit` on a terminal; returns what it showed (stdout and stderr together) and its exit code. */
export async function onTerminal(
  args: readonly string[],
  { cwd, environment, answers = [] }: OnTerminalOptions,
): Promise<{ code: number | null; shown: string }> {
  const command = [...(await hyperkitCommand()), ...args].map((word) => `'${word}'`).join(' ')
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd,
    env: { ...process.env, TERM: 'xterm', ...environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let shown = ''
  const waiting = [...answers]
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
    const [next] = waiting
    if (next === undefined || !shown.includes(next[0])) return
    waiting.shift()
    child.stdin.write(next[1] === ctrlC ? ctrlC : `${next[1]}\n`)
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, shown }
}
