import { type Reason, reasons } from '../../documents/watch.ts'

/** When a pass is due, in milliseconds of any one clock. */
export interface QueueEntry {
  at: number
  reasons: readonly Reason[]
}

/** What waits for a pass. A burst of events is one entry, however many there are. */
export interface PassQueue {
  /** A pass over all servers. */
  readonly everywhere?: QueueEntry
  readonly servers: ReadonlyMap<string, QueueEntry>
}

/** The servers of one pass, and why it runs. */
export interface Pass {
  servers: 'all' | readonly string[]
  reasons: readonly Reason[]
}

export const emptyQueue: PassQueue = { servers: new Map() }

/** @param server undefined for all servers */
export function enqueue(queue: PassQueue, server: string | undefined, at: number, reason: Reason): PassQueue {
  if (server === undefined) return { ...queue, everywhere: join(queue.everywhere, at, reason) }
  const servers = new Map(queue.servers)
  return { ...queue, servers: servers.set(server, join(servers.get(server), at, reason)) }
}

/** The time of the first entry; undefined for none. */
export function nextTime({ everywhere, servers }: PassQueue): number | undefined {
  const times = [everywhere, ...servers.values()].flatMap((each) => (each === undefined ? [] : [each.at]))
  return times.length === 0 ? undefined : Math.min(...times)
}

/**
 * All entries that are due, as one pass, and the rest of the queue. A pass over all servers also takes the entries that are
 * due later, so that no server is visited twice for one reason.
 */
export function takeDue(queue: PassQueue, now: number): { pass: Pass; rest: PassQueue } | undefined {
  const { everywhere, servers } = queue
  if (everywhere !== undefined && everywhere.at <= now) {
    const due = [everywhere, ...servers.values()]
    return { pass: { servers: 'all', reasons: reasonsOf(due) }, rest: emptyQueue }
  }
  const due = [...servers].filter(([, { at }]) => at <= now)
  if (due.length === 0) return undefined
  const names = due.map(([name]) => name)
  return {
    pass: { servers: names.sort(), reasons: reasonsOf(due.map(([, entry]) => entry)) },
    rest: { ...queue, servers: new Map([...servers].filter(([name]) => !names.includes(name))) },
  }
}

/** Without the entries of servers that the manifest no longer names. */
export function keepServers(queue: PassQueue, names: ReadonlySet<string>): PassQueue {
  return { ...queue, servers: new Map([...queue.servers].filter(([name]) => names.has(name))) }
}

function join(before: QueueEntry | undefined, at: number, reason: Reason): QueueEntry {
  if (before === undefined) return { at, reasons: [reason] }
  return { at: Math.min(before.at, at), reasons: reasonsOf([before, { at, reasons: [reason] }]) }
}

function reasonsOf(entries: readonly QueueEntry[]): Reason[] {
  const given = new Set(entries.flatMap((entry) => entry.reasons))
  return reasons.filter((reason) => given.has(reason))
}
