import { spawnSync } from 'node:child_process'
import { withoutProxies } from '../testing/run-suite.ts'

export interface ToolResult {
  ok: boolean
  stdout: string
  /** stdout and stderr together, for people to read. */
  output: string
}

export interface RunToolOptions {
  cwd: string
  /** @default true; only npm may use a proxy, to reach its registry */
  keepProxies?: boolean
}

/** Runs a program to its end and keeps what it printed. */
export function runTool(command: string, args: readonly string[], options: RunToolOptions): ToolResult {
  const env = {
    ...(options.keepProxies === false ? withoutProxies(process.env) : process.env),
    NO_COLOR: '1',
  }
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: options.cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 2 ** 20,
  })
  if (error !== undefined) throw new Error(`Cannot run "${command}": ${error.message}`, { cause: error })
  return { ok: status === 0, stdout, output: `${stdout}${stderr}`.trim() }
}
