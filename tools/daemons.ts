// Starts temporary LXD and Incus servers for developing Hyperkit: `npm run daemons [-- lxd-5.0 incus incus-7.0-cluster …]`, as root.
// Prints a JSON list (two of each kind: one to work on, then one to pull from; the three members of a cluster), runs until Ctrl-C, then
// cleans up.
import process from 'node:process'
import {
  type ClusterName,
  type DaemonDialect,
  type RunningServer,
  ServerAbsentError,
  type ServerVersion,
  startCluster,
  startServer,
} from '@hyperkit/conformance'
import { messageOf } from '@hyperkit/core/parts'

type Wanted = DaemonDialect | ServerVersion | ClusterName

const words = process.argv.slice(2) as Wanted[]
const wanted: readonly Wanted[] = words.length > 0 ? words : ['lxd', 'incus']
const starts = await Promise.allSettled(wanted.map(start))
const servers: RunningServer[] = []
const problems = new Set<string>()
let broken = false
for (const start of starts) {
  if (start.status === 'fulfilled') servers.push(...start.value)
  else {
    problems.add(messageOf(start.reason))
    broken ||= !(start.reason instanceof ServerAbsentError)
  }
}
for (const problem of problems) console.error(problem)
if (broken || servers.length === 0) {
  await Promise.all(servers.map((server) => server.stop()))
  process.exit(1)
}

console.log(JSON.stringify(servers.map((server) => server.describe())))
for (const { dialect, version, url, directory } of servers) {
  const variable = dialect === 'lxd' ? 'LXD_DIR' : 'INCUS_DIR'
  console.error(`${version.padEnd(9)} ${url}  ${variable}=${directory}/state`)
}
console.error('Running until Ctrl-C. To use these servers in tests, set HYPERKIT_SERVERS to the JSON line.')

// The servers deliberately do not keep this process alive, so a timer does.
const alive = setInterval(() => {}, 1 << 30)
const stop = async (code: number): Promise<void> => {
  clearInterval(alive)
  await Promise.all(servers.map((server) => server.stop()))
  process.exit(code)
}
process.once('SIGINT', () => void stop(130))
process.once('SIGTERM', () => void stop(143))

async function start(name: Wanted): Promise<readonly RunningServer[]> {
  if (isCluster(name)) return (await startCluster(name.replace(/-cluster$/, '') as ServerVersion)).members
  return Promise.all([startServer(name), startServer(name)])
}

function isCluster(name: Wanted): name is ClusterName {
  return name.endsWith('-cluster')
}
