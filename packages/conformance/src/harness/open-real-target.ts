import { explainAbsence } from '../servers/explain-absence.ts'
import { findDaemon } from '../servers/find-daemon.ts'
import { type PreparedInstance, prepareInstance } from '../servers/prepare-instance.ts'
import { readServers } from '../servers/read-servers.ts'
import { requestSocket } from '../servers/request-socket.ts'
import { type RunningServer, ServerAbsentError, type ServerDescription } from '../servers/running-server.ts'
import type { DaemonDialect, ServerVersion } from '../servers/server-version.ts'
import { startServer } from '../servers/start-server.ts'
import { lackingIdentities } from './lacking-identities.ts'
import type { Need } from './need.ts'
import type { Target } from './target.ts'

/**
 * A real server and a second one of its version or kind: those in `HYPERKIT_SERVERS` (cases work on the first, the
 * second is a source of pulls), otherwise two that live as long as the target.
 *
 * @throws ServerAbsentError
 */
export async function openRealTarget(wanted: DaemonDialect | ServerVersion): Promise<Target> {
  const given = readServers().filter((one) => isWanted(one, wanted))
  const own = given.length > 0 ? [] : await Promise.all([startServer(wanted), startServer(wanted)])
  const [server, source]: ServerDescription[] = given.length > 0 ? given : own
  if (!server) throw new Error(`Cannot open ${wanted}: HYPERKIT_SERVERS contains no such server`)
  return realTarget({ wanted, server, source, own })
}

interface RealServers {
  wanted: DaemonDialect | ServerVersion
  server: ServerDescription
  source: ServerDescription | undefined
  /** Stopped when the target is closed. */
  own: readonly { stop(): Promise<void> }[]
}

/** The target of servers that run. */
export function realTarget({ wanted, server, source, own }: RealServers): Target {
  const { dialect, version } = server
  const kind = dialect === 'lxd' ? 'incus' : 'lxd'
  const givenOther = readServers().find((one) => one.dialect === kind)
  let other: Promise<RunningServer> | undefined
  let instance: Promise<PreparedInstance> | undefined
  return {
    name: version,
    dialect,
    version,
    kind: 'real',
    server,
    source,
    async other() {
      if (givenOther) return givenOther
      other ??= startServer(kind)
      return other
    },
    lacks: {
      ...lackingIdentities(version),
      ...missingProgram(wanted, 'restart'),
      ...(givenOther ? {} : missingProgram(kind, 'other-kind')),
      ...(source ? {} : { 'second-server': `HYPERKIT_SERVERS contains only one ${version}` }),
      ...(server.trustPassword === undefined
        ? { 'trust-password': `${version} has no trust passwords` }
        : {}),
    },
    instance() {
      instance ??= findInstance(server.socket)
      return instance
    },
    async startOwn() {
      const started = await startServer(wanted)
      return Object.assign(started, { instance: () => prepareInstance(started) })
    },
    async close() {
      await Promise.all([...own.map((one) => one.stop()), other?.then((started) => started.stop())])
    },
  }
}

/**
 * A sentence that says why there are no servers for the cases, also printed once; `undefined` if there are.
 *
 * @throws ServerAbsentError if `HYPERKIT_REQUIRE_SERVERS` names the version
 */
export function explainRealTarget(wanted: DaemonDialect | ServerVersion): string | undefined {
  return readServers().some((server) => isWanted(server, wanted)) ? undefined : explainAbsence(wanted)
}

const isWanted = (one: ServerDescription, wanted: DaemonDialect | ServerVersion): boolean =>
  one.version === wanted || one.dialect === wanted

/** Servers can be passed to a process that cannot start any. */
function missingProgram(wanted: DaemonDialect | ServerVersion, need: Need): Target['lacks'] {
  try {
    findDaemon(wanted)
    return {}
  } catch (error) {
    if (error instanceof ServerAbsentError) return { [need]: error.message }
    throw error
  }
}

/** The instance of an earlier run on the same server, or a new one. */
async function findInstance(socket: string): Promise<PreparedInstance> {
  const { metadata } = await requestSocket(socket, { method: 'GET', path: '/1.0/instances?recursion=1' })
  for (const { name, config } of metadata as { name: string; config: Record<string, string> }[]) {
    const fingerprint = config['volatile.base_image']
    if (name === 'web1' && fingerprint) return { instance: name, snapshot: 'release', fingerprint }
  }
  return prepareInstance({ socket })
}
