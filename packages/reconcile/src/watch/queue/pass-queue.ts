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
  /** Servers on which an earlier pass still works, or which it waits for: they are left to that one. @default none */
  except?: readonly string[]
  reasons: readonly Reason[]
}

export const emptyQueue: PassQueue = { servers: new Map() }

/** @param server undefined for all servers */
export function enqueue(queue: PassQueue, server: string | undefined, at: number, reason: Reason): PassQueue {
  if (server === undefined) return { ...queue, everywhere: join(queue.everywhere, at, [reason]) }
  const servers = new Map(queue.servers)
  return { ...queue, servers: servers.set(server, join(servers.get(server), at, [reason])) }
}

/** Servers that other passes have. */
export interface Busy {
  servers: readonly string[]
  /** Whether these are all servers. */
  isAll: boolean
  /** Milliseconds for which a pass over all servers waits for them; then it leaves them out. */
  patience: number
}

const free: Busy = { servers: [], isAll: false, patience: 0 }

/** The time of the first entry that does not wait for the end of another pass; undefined for none. */
export function nextTime({ everywhere, servers }: PassQueue, busy = free): number | undefined {
  const own = [...servers].filter(([name]) => !busy.servers.includes(name)).map(([, { at }]) => at)
  const at = timeOf(everywhere, busy)
  const times = at === undefined ? own : [at, ...own]
  return times.length === 0 ? undefined : Math.min(...times)
}

function timeOf(everywhere: QueueEntry | undefined, busy: Busy): number | undefined {
  if (everywhere === undefined || busy.isAll) return undefined
  return busy.servers.length === 0 ? everywhere.at : everywhere.at + busy.patience
}

/**
 * All entries that are due, as one pass, and the rest of the queue. A pass over all servers also takes the entries that are
 * due later, so that no server is visited twice for one reason. Entries of busy servers stay in the queue, and a pass over all servers that
 * leaves some out adds one for each of them.
 */
export function takeDue(
  queue: PassQueue,
  now: number,
  busy = free,
): { pass: Pass; rest: PassQueue } | undefined {
  const { everywhere, servers } = queue
  const at = timeOf(everywhere, busy)
  if (everywhere !== undefined && at !== undefined && at <= now) {
    const own = [...servers].filter(([name]) => !busy.servers.includes(name)).map(([, entry]) => entry)
    const reasons = reasonsOf([everywhere, ...own])
    const left = busy.servers.map((name) => [name, join(servers.get(name), now, everywhere.reasons)] as const)
    return {
      pass: { servers: 'all', ...(left.length === 0 ? {} : { except: busy.servers }), reasons },
      rest: { servers: new Map(left) },
    }
  }
  const due = [...servers].filter(([name, entry]) => entry.at <= now && !busy.servers.includes(name))
  if (due.length === 0) return undefined
  const names = due.map(([name]) => name)
  return {
    pass: {
      servers: names.sort(),
      ...(busy.servers.length === 0 ? {} : { except: busy.servers }),
      reasons: reasonsOf(due.map(([, entry]) => entry)),
    },
    rest: { ...queue, servers: new Map([...servers].filter(([name]) => !names.includes(name))) },
  }
}

/** Without the entries of servers that the manifest no longer names. */
export function keepServers(queue: PassQueue, names: ReadonlySet<string>): PassQueue {
  return { ...queue, servers: new Map([...queue.servers].filter(([name]) => names.has(name))) }
}

function join(before: QueueEntry | undefined, at: number, added: readonly Reason[]): QueueEntry {
  if (before === undefined) return { at, reasons: added }
  return { at: Math.min(before.at, at), reasons: reasonsOf([before, { at, reasons: added }]) }
}

function reasonsOf(entries: readonly QueueEntry[]): Reason[] {
  const given = new Set(entries.flatMap((entry) => entry.reasons))
  return reasons.filter((reason) => given.has(reason))
}
