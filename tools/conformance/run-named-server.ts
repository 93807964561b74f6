import process from 'node:process'
import { runSuite } from '../testing/run-suite.ts'
import { findRuntimes } from '../testing/runtimes.ts'
import { startServers } from '../testing/start-servers.ts'
import { renderTotals, summarizeRuns } from '../testing/summarize-runs.ts'
import { describeServers } from './describe-versions.ts'

/**
 * Runs all cases on Node against the LXD or the Incus that `HYPERKIT_LXD` or `HYPERKIT_INCUS` names, or on the installed one.
 *
 * @returns the exit code
 */
export async function runNamedServer(root: string, kind: string): Promise<number> {
  const node = findRuntimes(root).find(({ name }) => name === 'node')
  if ((kind !== 'lxd' && kind !== 'incus') || node === undefined)
    throw new Error(`Cannot run the cases on "${kind}": --server is lxd or incus`)
  // Copies between LXD and Incus need a server of the other kind too.
  const names = kind === 'lxd' ? (['lxd', 'incus'] as const) : (['incus', 'lxd'] as const)
  const servers = await startServers(names)
  try {
    if (!servers.servers.some(({ dialect }) => dialect === kind)) return 1
    process.env.HYPERKIT_SERVERS = servers.describe(names)
    process.env.HYPERKIT_CASES_ON = kind
    console.log(await describeServers(servers.describe([kind])))
    const run = await runSuite(root, node, ['packages/conformance/test/named-server.test.ts'])
    const summary = summarizeRuns([run])
    for (const { reason, tests } of summary.skips) console.log(`skipped ${tests}: ${reason}`)
    for (const problem of summary.problems) console.log(problem)
    console.log(`${await describeServers(servers.describe([kind]))}: ${renderTotals(summary)}`)
    return summary.failed > 0 ? 1 : 0
  } finally {
    await servers.stop()
  }
}
