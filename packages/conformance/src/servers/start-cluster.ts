import { configureServer, describeServer, listen, readFacts } from './configure-server.ts'
import { completeOnSocket, requestSocket } from './request-socket.ts'
import { type RunningServer, ServerAbsentError, type ServerDescription } from './running-server.ts'
import type { DaemonDialect, ServerVersion } from './server-version.ts'
import { type DaemonProcess, startDaemon } from './start-daemon.ts'
import { untilSettled } from './until-settled.ts'

/** A member of a throw-away cluster; `kill()` and `start()` end and start it alone. Its folder holds its disk. */
export interface ClusterMember extends RunningServer {
  /** `m1`, the member that the cluster began with, `m2` or `m3`. */
  name: string
  /** When it answered after its last start. */
  readyAt(): Date
}

/** A throw-away cluster that belongs to this process. All members show one certificate and trust the same clients. */
export interface RunningCluster {
  version: ServerVersion
  members: readonly [ClusterMember, ClusterMember, ClusterMember]
  serverCertificate: ClusterMember['serverCertificate']
  clientCertificate: ClusterMember['clientCertificate']
  /** The member that keeps the database now: the one to kill to make the others elect another. */
  leader(): Promise<ClusterMember>
  /** Resolves when every member is online and sees the instances of all others, up to ten seconds after the last one was started. */
  settled(signal?: AbortSignal): Promise<void>
  /** The end of the log of each member, below its name. */
  readLogs(): Promise<string>
  /** Ends all members, unmounts what they mounted, and removes their folders. Safe to repeat. */
  stop(): Promise<void>
}

export interface StartClusterOptions {
  /** `cluster.offline_threshold`: the seconds without a heartbeat after which a member counts as offline. @default 11, the least */
  offlineThreshold?: number
  /** `cluster.images_minimal_replica`: how many members keep a copy of each image; -1 is all of them. @default 1: an image lies on one member only */
  replicas?: number
}

/**
 * Starts three daemons on loopback that form one cluster: m2 and m3 join m1, one after the other.
 *
 * @param server a version; or a kind, for which `HYPERKIT_LXD` or `HYPERKIT_INCUS` or the installed programs decide
 * @throws ServerAbsentError if it is not installed or this user is not root
 */
export async function startCluster(
  server: DaemonDialect | ServerVersion,
  options: StartClusterOptions = {},
): Promise<RunningCluster> {
  const starts = await Promise.allSettled(names.map(() => startDaemon(server, {})))
  const daemons = starts.filter((start) => start.status === 'fulfilled').map(({ value }) => value)
  const failed = starts.find((start) => start.status === 'rejected')
  try {
    if (failed) throw failed.reason
    return describeCluster(await form(daemons, options))
  } catch (error) {
    const logs = await readLogs(daemons)
    await Promise.all(daemons.map((daemon) => daemon.stop()))
    if (error instanceof ServerAbsentError) throw error
    throw new Error(`Cannot form a cluster of ${server}: ${String(error)}\n${logs}`, { cause: error })
  }
}

const names = ['m1', 'm2', 'm3'] as const

async function form(
  [first, second, third]: readonly DaemonProcess[],
  { offlineThreshold = 11, replicas = 1 }: StartClusterOptions,
): Promise<RunningCluster['members']> {
  if (!first || !second || !third) throw new Error('a cluster has three members')
  const founder = await configureServer(first)
  const { socket } = founder
  await completeOnSocket(socket, {
    method: 'PUT',
    path: '/1.0/cluster',
    json: { server_name: 'm1', enabled: true },
  })
  const config = {
    'cluster.offline_threshold': String(offlineThreshold),
    'cluster.images_minimal_replica': String(replicas),
  }
  await requestSocket(socket, { method: 'PATCH', path: '/1.0', json: { config } })
  // The members show the certificate of the first one from now on.
  const shared = { ...founder.describe(), ...(await readFacts(socket)).certificate }
  const join = async (daemon: DaemonProcess, name: string): Promise<ClusterMember> => {
    const url = await joinCluster(daemon, name, shared)
    const own = { url, socket: daemon.socket, directory: daemon.directory }
    return describeMember(daemon, { ...shared, ...own }, name)
  }
  return [describeMember(first, shared, 'm1'), await join(second, 'm2'), await join(third, 'm3')]
}

function describeMember(daemon: DaemonProcess, fixed: ServerDescription, name: string): ClusterMember {
  return Object.assign(describeServer(daemon, fixed), { name, readyAt: () => daemon.readyAt })
}

/** Lets a daemon join the cluster of `member`, and returns its URL. */
async function joinCluster(daemon: DaemonProcess, name: string, member: ServerDescription): Promise<string> {
  const issued = await requestSocket(member.socket, {
    method: 'POST',
    path: '/1.0/cluster/members',
    json: { server_name: name },
  })
  const { metadata } = issued.metadata as { metadata: JoinToken }
  const { secret, fingerprint, addresses, expiresAt } = metadata
  const token = { server_name: name, fingerprint, addresses, secret, expires_at: expiresAt }
  const encoded = Buffer.from(JSON.stringify(token)).toString('base64')
  const url = await listen(daemon.socket)
  await completeOnSocket(daemon.socket, {
    method: 'PUT',
    path: '/1.0/cluster',
    json: {
      server_name: name,
      enabled: true,
      server_address: new URL(url).host,
      cluster_address: new URL(member.url).host,
      cluster_certificate: member.serverCertificate,
      // LXD before 5.21 reads the token as a password.
      cluster_token: encoded,
      cluster_password: encoded,
      member_config: [],
    },
  })
  return url
}

interface JoinToken {
  secret: string
  fingerprint: string
  addresses: string[]
  expiresAt: string
}

function describeCluster(members: RunningCluster['members']): RunningCluster {
  const [{ version, serverCertificate, clientCertificate }] = members
  return {
    version,
    members,
    serverCertificate,
    clientCertificate,
    leader: () => findLeader(members),
    settled: (signal) => untilSettled(members, signal),
    readLogs: () => readLogs(members),
    async stop() {
      await Promise.all(members.map((member) => member.stop()))
    },
  }
}

async function findLeader(members: RunningCluster['members']): Promise<ClusterMember> {
  const path = '/1.0/cluster/members?recursion=1'
  const asked = members.map(
    async ({ socket }) => (await requestSocket(socket, { method: 'GET', path })).metadata,
  )
  const listed = (await Promise.any(asked)) as { server_name: string; roles: string[] }[]
  const leader = listed.find(({ roles }) => roles.includes('database-leader'))
  const found = members.find(({ name }) => name === leader?.server_name)
  if (!found) throw new Error('Cannot find the leader of the cluster: no member has the role')
  return found
}

async function readLogs(daemons: readonly Pick<DaemonProcess, 'readLog'>[]): Promise<string> {
  const logs = daemons.map(async (daemon, index) => `${names[index]}:\n${await daemon.readLog()}`)
  return (await Promise.all(logs)).join('\n')
}
