// Runs every conformance case on every server, each under its runtimes, and prints the matrix as Markdown.
// npm run conformance [-- [--runtime node,bun,deno] [--from .results] [--write]]
//   --from: show the results that `npm test` left in that folder, instead of running the cases again
//   --write: write the matrix to docs/conformance.md
// npm run conformance -- --server lxd|incus
//   Runs the cases on one daemon, on Node: the one that HYPERKIT_LXD or HYPERKIT_INCUS names, or the installed one.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { describeRuntimes, describeServers } from './conformance/describe-versions.ts'
import { readMatrix } from './conformance/matrix.ts'
import { renderMatrix } from './conformance/render-matrix.ts'
import { runNamedServer } from './conformance/run-named-server.ts'
import { runSuite } from './testing/run-suite.ts'
import { findRuntimes } from './testing/runtimes.ts'
import { startServers } from './testing/start-servers.ts'
import { type RuntimeRun, renderTotals, summarizeRuns, type VitestReport } from './testing/summarize-runs.ts'
import { caseFile, listServers, listTargets, targetNames } from './testing/what-runs-where.ts'

const { values } = parseArgs({
  options: {
    runtime: { type: 'string', default: 'node,bun,deno' },
    from: { type: 'string' },
    write: { type: 'boolean', default: false },
    server: { type: 'string' },
  },
})

const root = fileURLToPath(new URL('..', import.meta.url))
const known = findRuntimes(root)
if (values.server !== undefined) process.exit(await runNamedServer(root, values.server))

const runtimes = known.filter(({ name }) => values.runtime.split(',').includes(name))
const versions = [...new Set(runtimes.flatMap(({ name }) => listServers(name)))]
const given = process.env.HYPERKIT_SERVERS
const servers = await startServers(given === undefined ? versions : [])
const runs: RuntimeRun[] = []
let tested = ''
try {
  tested = [
    await describeRuntimes(runtimes),
    await describeServers(given ?? servers.describe(versions)),
  ].join('; ')
  for (const runtime of runtimes) {
    process.env.HYPERKIT_SERVERS = given ?? servers.describe(listServers(runtime.name))
    const files = listTargets(runtime.name).map(caseFile)
    runs.push(
      values.from === undefined
        ? await runSuite(root, runtime, files)
        : readRun(resolve(values.from), runtime.name, files),
    )
  }
} finally {
  await servers.stop()
}

const matrix = readMatrix(runs, targetNames)
const summary = summarizeRuns(runs)
const order = runtimes.map(({ name }) => `${name[0]?.toUpperCase()}${name.slice(1)}`).join(', ')
const page = `# Conformance

This page shows the result of each case on each server; [the conformance suite](../packages/conformance/README.md) describes the servers.
\`npm run conformance -- --write\` writes it. Versions: ${tested}.

A cell has one sign for each runtime, in the order ${order}: ✓ passed, ✗ failed, – skipped (the reasons are at the end), · not run
([CONTRIBUTING](../CONTRIBUTING.md#what-runs-where) lists which servers are tested on which runtime).

${matrix.rows.length} cases, ${renderTotals(summary)}.

${renderMatrix(matrix)}
`
if (values.write) {
  mkdirSync(join(root, 'docs'), { recursive: true })
  writeFileSync(join(root, 'docs', 'conformance.md'), page)
} else console.log(page)
for (const problem of summary.problems) console.error(problem)
console.error(renderTotals(summary))
if (summary.failed > 0) process.exitCode = 1

/** Reads the results of the conformance cases from a run of the whole suite. */
function readRun(folder: string, runtime: string, files: readonly string[]): RuntimeRun {
  const { testResults } = JSON.parse(readFileSync(join(folder, `${runtime}.json`), 'utf8')) as VitestReport
  const own = testResults.filter(({ name }) => files.some((file) => name.endsWith(file)))
  return {
    runtime,
    exitCode: own.some(({ status }) => status === 'failed') ? 1 : 0,
    report: { testResults: own },
  }
}
