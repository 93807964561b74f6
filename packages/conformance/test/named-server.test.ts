// Run only by `npm run conformance -- --server lxd|incus`: see vitest.config.ts.
import process from 'node:process'
import { openRealTarget } from '../src/harness/open-real-target.ts'
import { readServers } from '../src/servers/read-servers.ts'
import { runCases } from './run-cases.ts'

const kind = process.env.HYPERKIT_CASES_ON === 'incus' ? 'incus' : 'lxd'
const server = readServers().find(({ dialect }) => dialect === kind)
if (server === undefined)
  throw new Error(`Cannot run the cases on ${kind}: HYPERKIT_SERVERS contains no such server`)
runCases(server.version, () => openRealTarget(kind))
