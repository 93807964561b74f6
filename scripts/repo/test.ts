import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runSuite } from './testing/run-suite.ts'
import { findRuntimes } from './testing/runtimes.ts'
import { startServers } from './testing/start-servers.ts'
import { type RuntimeRun, renderTotals, summarizeRuns } from './testing/summarize-runs.ts'

// npm test [-- [--runtime node,bun,deno] [path or vitest filter ...]]
const { values, positionals } = parseArgs({
  options: { runtime: { type: 'string', default: 'node,bun,deno' } },
  allowPositionals: true,
})

const root = fileURLToPath(new URL('../..', import.meta.url))
const known = findRuntimes(root)
const wanted = values.runtime.split(',').map((name) => {
  const runtime = known.find((candidate) => candidate.name === name)
  if (runtime === undefined) throw new Error(`Cannot test on "${name}": only node, bun and deno are known`)
  return runtime
})

// One after the other: the suites start real daemons, and a small machine holds one set of them.
const servers = await startServers(process.env.HYPERKIT_REQUIRE_SERVERS ?? '')
process.env.HYPERKIT_SERVERS ??= servers.described
const runs: RuntimeRun[] = []
for (const runtime of wanted) {
  console.log(`\n=== ${runtime.name} ===`)
  runs.push(await runSuite(root, runtime, positionals))
}
await servers.stop()

const summary = summarizeRuns(runs)
for (const { reason, runtimes, tests } of summary.skips) {
  console.log(`skipped ${tests} on ${runtimes.join(', ')}: ${reason}`)
}
for (const retry of summary.retries) console.log(`passed at the second try on ${retry}`)
for (const problem of summary.problems) console.log(problem)
console.log(renderTotals(summary))
if (summary.failed > 0) process.exitCode = 1
