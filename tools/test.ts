import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { ServerVersion } from '@hyperkit/conformance'
import { findNodes } from './testing/nodes.ts'
import { runSuite } from './testing/run-suite.ts'
import { findRuntimes } from './testing/runtimes.ts'
import { startServers } from './testing/start-servers.ts'
import { type RuntimeRun, renderTotals, summarizeRuns } from './testing/summarize-runs.ts'
import {
  caseFile,
  casesOnOtherNodes,
  clusterTests,
  kindsOn,
  listServers,
  listTargets,
  targetNames,
} from './testing/what-runs-where.ts'

// npm test [-- [--runtime node,bun,deno] [path or vitest filter ...]]
const { values, positionals } = parseArgs({
  options: { runtime: { type: 'string', default: 'node,bun,deno' } },
  allowPositionals: true,
})

const root = fileURLToPath(new URL('..', import.meta.url))
const known = findRuntimes(root)
const wanted = values.runtime.split(',').map((name) => {
  const runtime = known.find((candidate) => candidate.name === name)
  if (runtime === undefined) throw new Error(`Cannot test on "${name}": expected node, bun or deno`)
  return runtime
})

const given = process.env.HYPERKIT_SERVERS
const versions = new Set<ServerVersion>(wanted.flatMap(({ name }) => listServers(name)))
const servers = await startServers(given === undefined ? [...versions] : [])
const runs: RuntimeRun[] = []
// One after the other, because the suites also start their own daemons.
for (const runtime of wanted) {
  const began = performance.now()
  const targets = listTargets(runtime.name)
  console.log(`\n=== ${runtime.name} ===`)
  console.log(`conformance on ${targets.join(', ')}; other tests on ${kindsOn[runtime.name].join(', ')}`)
  process.env.HYPERKIT_SERVERS = given ?? servers.describe(listServers(runtime.name))
  // Files named on the command line run on every runtime.
  const left = positionals.length > 0 ? [] : targetNames.filter((name) => !targets.includes(name))
  const nodeOnly = runtime.name === 'node' ? [] : [clusterTests]
  const excluded = [...left.map(caseFile), ...nodeOnly].map((name) => `--exclude=${name}`)
  runs.push(await runSuite(root, runtime, [...positionals, ...excluded]))
  console.log(`${runtime.name} took ${Math.round((performance.now() - began) / 1000)} s`)
}
await servers.stop()
// Releases of Node differ only in how they reach a server; the embedded servers are enough to test that.
const nodes = positionals.length === 0 && wanted.some(({ name }) => name === 'node') ? findNodes() : []
// Their cases mostly wait, so all releases run side by side, and each report is printed whole.
runs.push(
  ...(await Promise.all(
    nodes.map(async (node) => {
      const began = performance.now()
      let report = ''
      const run = await runSuite(root, node, casesOnOtherNodes.map(caseFile), (text) => {
        report += text
      })
      const seconds = Math.round((performance.now() - began) / 1000)
      console.log(`\n=== ${node.name} ===\nconformance on ${casesOnOtherNodes.join(', ')}\n${report}`)
      console.log(`${node.name} took ${seconds} s`)
      return run
    }),
  )),
)

const summary = summarizeRuns(runs)
for (const { reason, runtimes, tests } of summary.skips) {
  console.log(`skipped ${tests} on ${runtimes.join(', ')}: ${reason}`)
}
for (const problem of summary.problems) console.log(problem)
console.log(renderTotals(summary))
if (summary.failed > 0) process.exitCode = 1
