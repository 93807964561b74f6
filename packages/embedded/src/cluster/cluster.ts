import { Failure } from '../answer/failure.ts'
import type { Dialect } from '../dialect/dialect.ts'
import { fill } from '../dialect/fill.ts'
import { timestampNow } from '../json/timestamp.ts'
import type { Operation } from '../operations/operation.ts'
import type { Store } from '../store/store.ts'

/** A server of a cluster. */
export interface Member {
  readonly name: string
  /** Keeps image files; its records are not used. */
  readonly disk: Store
  /** `host:port` of its https listener, also while it is down. */
  address: string
  /** When it was killed; undefined while it is up. */
  down: { at: number; since: string } | undefined
  /** Its operations at that time, by id: until it is started again, the others cannot ask for them. */
  lost: ReadonlyMap<string, Operation>
}

/** What the servers of a cluster share besides the records: which of them are up, and which files they have. */
export interface Cluster {
  readonly members: readonly Member[]
  /** The names of the members that have a file. */
  locationsOf(blob: string): string[]
  place(blob: string, member: Member): void
  remove(blob: string): void
  /** Whether the other members have noticed that one is down: after the offline threshold. */
  isOffline(member: Member): boolean
  /**
   * Deletes files from the other members, as a deletion does first.
   *
   * @throws {Error} in the words of the daemons, if a member is down (T78); until the others have noticed that, the files are deleted
   *   nevertheless (T83)
   */
  clearOthers(blobs: readonly string[], own: Member): Promise<void>
  /** The operations of members that are down. */
  lostOperations(): Operation[]
  /** @throws {Failure} if the member that has the operation is down */
  requireOperation(id: string): void
  /** @throws {Failure} if the member is down */
  requireMember(name: string): void
  /**
   * Copies new files from a member to as many others as are to have them.
   *
   * @param pushed whether another server has sent the image
   * @throws {Error} if a member does not take its copy; the image stays (T77)
   */
  spread(blobs: readonly string[], from: Member, pushed: boolean): Promise<void>
}

export interface ClusterOptions {
  dialect: Dialect
  members: readonly Member[]
  /** -1: all members. */
  replicas: number
  /** Milliseconds. */
  offlineAfter: number
}

export function createCluster({ dialect, members, replicas, offlineAfter }: ClusterOptions): Cluster {
  const places = new Map<string, Set<Member>>()
  const holders = (blob: string): Set<Member> => places.get(blob) ?? new Set()
  const cluster: Cluster = {
    members,
    locationsOf: (blob) => [...holders(blob)].map(({ name }) => name).sort(),
    place: (blob, member) => void places.set(blob, holders(blob).add(member)),
    remove: (blob) => void places.delete(blob),
    isOffline: ({ down }) => down !== undefined && Date.now() - down.at >= offlineAfter,
    async clearOthers(blobs, own) {
      const dead = members.find(({ down }) => down !== undefined)
      if (dead !== undefined && cluster.isOffline(dead)) throw errorAbout(dead, dialect.peerDown)
      const others = members.filter((member) => member !== own && member.down === undefined)
      for (const { disk } of others) for (const blob of blobs) await disk.deleteBlob(blob)
      if (dead === undefined) return
      const request = `Delete "https://${dead.address}/1.0/images/${blobs[0] ?? ''}?project=default"`
      throw errorAbout(dead, dialect.halfDeletion, `${request}: ${refused(dialect, dead)}`)
    },
    lostOperations: () => members.flatMap(({ lost }) => [...lost.values()]),
    requireOperation(id) {
      if (members.some(({ lost }) => lost.has(id))) throw new Failure(500, dialect.memberUnavailable)
    },
    requireMember(name) {
      const down = members.find((member) => member.name === name)?.down
      if (down !== undefined) throw new Failure(500, dialect.memberUnavailable)
    },
    async spread(blobs, from, pushed) {
      const [first = ''] = blobs
      const wanted = replicas === -1 ? members.length : replicas
      const missing = wanted - holders(first).size
      const others = members.filter((member) => !holders(first).has(member) && !cluster.isOffline(member))
      for (const member of others.slice(0, Math.max(0, missing))) {
        if (pushed && dialect.refusedCopy !== undefined)
          throw new Error(fill(dialect.refusedCopy, member.address))
        if (member.down !== undefined) {
          const url = `https://${member.address}/1.0/images?project=default`
          throw errorAbout(member, dialect.failedCopy, `Post "${url}": ${refused(dialect, member)}`)
        }
        for (const blob of blobs) await copy(cluster, blob, from, member)
      }
    },
  }
  return cluster
}

/** What a member says when it cannot connect to another one. */
function refused({ dialFailure }: Dialect, { address }: Member): string {
  return fill(dialFailure, address, `dial tcp ${address}: connect: connection refused`)
}

/** An error about a member. Versions differ in what they say: its name, its address and the reason, the last two, or the reason alone. */
function errorAbout({ name, address }: Member, words: string, ...why: string[]): Error {
  const count = words.match(/%[sq]/g)?.length ?? 0
  return new Error(fill(words, ...[name, address, ...why].slice(-count)))
}

async function copy(cluster: Cluster, blob: string, from: Member, to: Member): Promise<void> {
  const found = await from.disk.openBlob(blob)
  if (found === undefined) return
  const draft = await to.disk.draftBlob()
  for await (const chunk of found.read()) await draft.write(chunk)
  await draft.commit(blob)
  cluster.place(blob, to)
}

/** The members as `GET /1.0/cluster/members?recursion=1` shows them. */
export function renderMembers(cluster: Cluster, { memberRoles }: Dialect): Record<string, unknown>[] {
  const leader = cluster.members.find(({ down }) => down === undefined)
  return cluster.members.map((member) => {
    const { name, address, down } = member
    const offline = cluster.isOffline(member) && down !== undefined
    const seconds = offline ? Math.round((Date.now() - down.at) / 1000) : 0
    return {
      roles: member === leader ? memberRoles.leader : memberRoles.other,
      failure_domain: 'default',
      description: '',
      config: {},
      groups: ['default'],
      server_name: name,
      url: `https://${address}`,
      database: true,
      status: offline ? 'Offline' : 'Online',
      message: offline ? `No heartbeat for ${seconds}s (${down.since})` : 'Fully operational',
      architecture: 'x86_64',
    }
  })
}

/** Marks a member as down, with the operations that it had. */
export function markDown(member: Member, operations: readonly Operation[]): void {
  member.down = { at: Date.now(), since: timestampNow() }
  member.lost = new Map(operations.map((operation) => [operation.id, operation]))
}

export function markUp(member: Member): void {
  member.down = undefined
  member.lost = new Map()
}
