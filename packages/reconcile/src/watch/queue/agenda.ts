import { type Reason, reasons } from '../../documents/watch.ts'

/** When something is to be looked at, in milliseconds of any one clock. */
export interface Appointment {
  at: number
  reasons: readonly Reason[]
}

/** What is to be looked at when. A burst is one appointment, however many occasions it has. */
export interface Agenda {
  /** All servers. */
  readonly everywhere?: Appointment
  readonly servers: ReadonlyMap<string, Appointment>
}

/** What is looked at in one run. */
export interface Look {
  servers: 'all' | readonly string[]
  reasons: readonly Reason[]
}

export const emptyAgenda: Agenda = { servers: new Map() }

/** @param server undefined for all of them */
export function note(agenda: Agenda, server: string | undefined, at: number, reason: Reason): Agenda {
  if (server === undefined) return { ...agenda, everywhere: join(agenda.everywhere, at, reason) }
  const servers = new Map(agenda.servers)
  return { ...agenda, servers: servers.set(server, join(servers.get(server), at, reason)) }
}

/** The time of the first appointment; undefined for none. */
export function nextTime({ everywhere, servers }: Agenda): number | undefined {
  const times = [everywhere, ...servers.values()].flatMap((each) => (each === undefined ? [] : [each.at]))
  return times.length === 0 ? undefined : Math.min(...times)
}

/**
 * All that is due, as one look, and what stays. A look at all servers takes those with it that were to be looked at
 * later, so that nothing is looked at twice for one occasion.
 */
export function takeDue(agenda: Agenda, now: number): { look: Look; rest: Agenda } | undefined {
  const { everywhere, servers } = agenda
  if (everywhere !== undefined && everywhere.at <= now) {
    const due = [everywhere, ...servers.values()]
    return { look: { servers: 'all', reasons: reasonsOf(due) }, rest: emptyAgenda }
  }
  const due = [...servers].filter(([, { at }]) => at <= now)
  if (due.length === 0) return undefined
  const names = due.map(([name]) => name)
  return {
    look: { servers: names.sort(), reasons: reasonsOf(due.map(([, appointment]) => appointment)) },
    rest: { ...agenda, servers: new Map([...servers].filter(([name]) => !names.includes(name))) },
  }
}

/** Without the appointments of servers that are not there any more. */
export function keepServers(agenda: Agenda, names: ReadonlySet<string>): Agenda {
  return { ...agenda, servers: new Map([...agenda.servers].filter(([name]) => names.has(name))) }
}

function join(before: Appointment | undefined, at: number, reason: Reason): Appointment {
  if (before === undefined) return { at, reasons: [reason] }
  return { at: Math.min(before.at, at), reasons: reasonsOf([before, { at, reasons: [reason] }]) }
}

function reasonsOf(appointments: readonly Appointment[]): Reason[] {
  const given = new Set(appointments.flatMap((appointment) => appointment.reasons))
  return reasons.filter((reason) => given.has(reason))
}
