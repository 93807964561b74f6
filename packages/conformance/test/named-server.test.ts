// Run only by `npm run conformance -- --server lxd|incus`, or with HYPERKIT_CASES_ON=lxd-cluster: see vitest.config.ts.
import process from 'node:process'
import { clusterCases } from '../src/cases/cluster.ts'
import { openClusterTarget } from '../src/harness/open-cluster-target.ts'
import { openRealTarget } from '../src/harness/open-real-target.ts'
import { explainAbsence } from '../src/servers/explain-absence.ts'
import { readServers } from '../src/servers/read-servers.ts'
import { runCases } from './run-cases.ts'

const wanted = process.env.HYPERKIT_CASES_ON ?? 'lxd'
const kind = wanted.startsWith('incus') ? 'incus' : 'lxd'
if (wanted.endsWith('-cluster')) {
  const name = `${kind}-cluster` as const
  runCases(name, () => openClusterTarget(kind), explainAbsence(name), clusterCases)
} else {
  const server = readServers().find(({ dialect }) => dialect === kind)
  if (server === undefined)
    throw new Error(`Cannot run the cases on ${kind}: HYPERKIT_SERVERS contains no such server`)
  runCases(server.version, () => openRealTarget(kind))
}
