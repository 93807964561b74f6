import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Runtime, vitestEntry } from './runtimes.ts'
import type { RuntimeRun, VitestReport } from './summarize-runs.ts'

// Tests speak to loopback only, and the runtimes disagree about which of these they honour there.
const proxyName = /^(?:https?|all|no|ftp)_proxy$/i

/**
 * Runs vitest once under a runtime: its default report on the screen, its json report in `.results/<runtime>.json`. Nothing is tried a
 * second time: a test that passes only then has found a fault.
 */
export async function runSuite(root: string, runtime: Runtime, args: readonly string[]): Promise<RuntimeRun> {
  const outputFile = join(root, '.results', `${runtime.name}.json`)
  mkdirSync(dirname(outputFile), { recursive: true })
  rmSync(outputFile, { force: true })
  const explainResults = join(root, 'tools', 'testing', 'explain-results.ts')
  const reporters = ['default', explainResults, 'json'].map((reporter) => `--reporter=${reporter}`)
  const vitest = [vitestEntry(root), 'run', ...reporters, `--outputFile.json=${outputFile}`, ...args]
  const exitCode = await wait(runtime.command, [...runtime.before, ...vitest], root)
  const report = existsSync(outputFile)
    ? (JSON.parse(readFileSync(outputFile, 'utf8')) as VitestReport)
    : undefined
  return { runtime: runtime.name, exitCode, report }
}

/** The environment without proxies. */
export function withoutProxies(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !proxyName.test(name)))
}

function wait(command: string, args: readonly string[], cwd: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const stdio = ['ignore', 'inherit', 'inherit'] as const
    const child = spawn(command, args, { cwd, stdio: [...stdio], env: withoutProxies(process.env) })
    child.once('error', (cause) =>
      reject(new Error(`Cannot start "${command}": run \`npm ci\` first`, { cause })),
    )
    child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)))
  })
}
