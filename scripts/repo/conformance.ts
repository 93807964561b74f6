// Runs every conformance case on every server under every runtime, and prints the matrix as Markdown.
// npm run conformance [-- [--runtime node,bun,deno] [--from .results] [--write]]
//   --from: what `npm test` left in that folder is shown, instead of running the cases again
//   --write: into docs/conformance.md
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { ServerDescription, TargetName } from '@hyperkit/conformance'
import { readMatrix } from './conformance/matrix.ts'
import { renderMatrix } from './conformance/render-matrix.ts'
import { tellVersions } from './conformance/tell-versions.ts'
import { runSuite } from './testing/run-suite.ts'
import { findRuntimes } from './testing/runtimes.ts'
import { startServers } from './testing/start-servers.ts'
import { type RuntimeRun, renderTotals, summarizeRuns, type VitestReport } from './testing/summarize-runs.ts'

const { values } = parseArgs({
  options: {
    runtime: { type: 'string', default: 'node,bun,deno' },
    from: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})

const root = fileURLToPath(new URL('../..', import.meta.url))
const names: readonly TargetName[] = ['lxd', 'incus', 'embedded lxd', 'embedded incus']
const runtimes = findRuntimes(root).filter(({ name }) => values.runtime.split(',').includes(name))

const servers = await startServers(process.env.HYPERKIT_REQUIRE_SERVERS ?? '')
process.env.HYPERKIT_SERVERS ??= servers.described
const runs: RuntimeRun[] = []
let versions = ''
try {
  const described = JSON.parse(process.env.HYPERKIT_SERVERS) as ServerDescription[]
  versions = await tellVersions(runtimes, described)
  const files = names.map((name) => `packages/conformance/test/${name.replace(' ', '-')}.test.ts`)
  for (const runtime of runtimes)
    runs.push(
      values.from === undefined
        ? await runSuite(root, runtime, files)
        : readRun(resolve(values.from), runtime.name, files),
    )
} finally {
  await servers.stop()
}

const matrix = readMatrix(runs, names)
const summary = summarizeRuns(runs)
const order = runtimes.map(({ name }) => `${name[0]?.toUpperCase()}${name.slice(1)}`).join(', ')
const page = `# Conformance

Every case runs on every server under every runtime. ${versions}. Written by \`npm run conformance -- --write\`.

In each cell: ${order}, in this order. ✓ it holds, ✗ it does not, – it was not run: see the end.

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

/** Of a run of the whole suite, what belongs to the cases. */
function readRun(folder: string, runtime: string, files: readonly string[]): RuntimeRun {
  const { testResults } = JSON.parse(readFileSync(join(folder, `${runtime}.json`), 'utf8')) as VitestReport
  const own = testResults.filter(({ name }) => files.some((file) => name.endsWith(file)))
  return {
    runtime,
    exitCode: own.some(({ status }) => status === 'failed') ? 1 : 0,
    report: { testResults: own },
  }
}
