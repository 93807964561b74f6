import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Runtime, vitestEntry } from './runtimes.ts'
import type { RuntimeRun, VitestReport } from './summarize-runs.ts'

// Tests use loopback only, and the runtimes differ in which of these variables they apply there.
const proxyName = /^(?:https?|all|no|ftp)_proxy$/i

/** Where vitest's default report goes: to this terminal while it runs, or to a text for whoever runs several suites side by side. */
export type Print = 'live' | ((text: string) => void)

/** Runs vitest once on a runtime: it prints its default report, and writes its JSON report to `.results/<runtime>.json`. */
export async function runSuite(
  root: string,
  runtime: Runtime,
  args: readonly string[],
  print: Print = 'live',
): Promise<RuntimeRun> {
  const first = await runOnce(root, runtime, args, `${runtime.name}.json`, print)
  const broken = brokenFiles(first.report)
  if (first.exitCode === 0 || broken.length === 0) return first
  // The process died while it ran these files, because Deno 2.9.5 sometimes panics. They are run once more, and that result counts.
  console.log(`\n${runtime.name}: its process died in ${broken.join(', ')}: running these files once more`)
  const again = await runOnce(root, runtime, broken, `${runtime.name}-again.json`, print)
  const kept = first.report?.testResults.filter(({ name }) => !broken.includes(name)) ?? []
  const failedBefore = kept.some(({ status }) => status === 'failed')
  return {
    runtime: runtime.name,
    exitCode: failedBefore ? first.exitCode : again.exitCode,
    report: again.report && { testResults: [...kept, ...again.report.testResults] },
  }
}

/** Files whose tests were running or waiting when the process ended: vitest reports them as skipped, without a reason. */
function brokenFiles(report: VitestReport | undefined): string[] {
  const lost = (test: VitestReport['testResults'][number]['assertionResults'][number]): boolean =>
    test.status !== 'passed' && test.status !== 'failed' && test.meta?.skipReason === undefined
  return (report?.testResults ?? [])
    .filter((file) => file.assertionResults.some(lost))
    .map(({ name }) => name)
}

async function runOnce(
  root: string,
  runtime: Runtime,
  args: readonly string[],
  output: string,
  print: Print,
): Promise<RuntimeRun> {
  const outputFile = join(root, '.results', output)
  mkdirSync(dirname(outputFile), { recursive: true })
  rmSync(outputFile, { force: true })
  const explainResults = join(root, 'tools', 'testing', 'explain-results.ts')
  const reporters = ['default', explainResults, 'json'].map((reporter) => `--reporter=${reporter}`)
  const vitest = [vitestEntry(root), 'run', ...reporters, `--outputFile.json=${outputFile}`, ...args]
  const exitCode = await wait(runtime.command, [...runtime.before, ...vitest], root, print)
  const report = existsSync(outputFile)
    ? (JSON.parse(readFileSync(outputFile, 'utf8')) as VitestReport)
    : undefined
  return { runtime: runtime.name, exitCode, report }
}

/** The environment without proxies. */
export function withoutProxies(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !proxyName.test(name)))
}

function wait(command: string, args: readonly string[], cwd: string, print: Print): Promise<number> {
  return new Promise((resolve, reject) => {
    const out = print === 'live' ? 'inherit' : 'pipe'
    const child = spawn(command, args, {
      cwd,
      stdio: ['ignore', out, out],
      env: withoutProxies(process.env),
    })
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => print !== 'live' && print(text))
    }
    child.once('error', (cause) =>
      reject(new Error(`Cannot start "${command}": run \`npm ci\` first`, { cause })),
    )
    child.once('close', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)))
  })
}
