import { ConflictError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import type { Answer } from './answer.ts'
import type { Call } from './call.ts'
import { type Consequence, isLost, kindOf, lostAnswers } from './lost-answers.ts'
import { outlastElection } from './outlast-election.ts'

/** The members of a connection that are needed here. */
export interface Asker {
  readonly name: string
  ask(call: Call): Promise<Answer>
}

/** What became of a request: it was carried out, or it can be sent again. */
type Settled = Answer | 'send-again'

/**
 * Asks, and if the answer is lost, does what {@link lostAnswers} says, through another address of the server.
 *
 * @param addresses how many there are
 * @param ask sends the request once
 */
export async function askUntilSettled(
  connection: Asker,
  call: Call,
  addresses: number,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const settle = settlers[lostAnswers[kindOf(call)]]
  for (let attempt = 1; ; attempt++) {
    try {
      return await (call.body === undefined ? outlastElection(call.signal, ask) : ask())
    } catch (error) {
      call.signal?.throwIfAborted()
      if (settle === undefined) throw error
      // After a second try, a refusal can mean that the first one was carried out in the meantime.
      const isSecond = attempt > 1 && isRefusal(error)
      if (!isSecond && (!isLost(error) || attempt > addresses)) throw error
      const settled = await settle(connection, call)
      if (settled !== 'send-again') return settled
      if (isSecond) throw error
    }
  }
}

function isRefusal(error: unknown): boolean {
  return (['already-exists', 'precondition-failed', 'not-found'] as const).some((code) =>
    isHyperkitError(error, code),
  )
}

const settlers: Partial<Record<Consequence, (connection: Asker, call: Call) => Promise<Settled>>> = {
  'send-again': async () => 'send-again',
  compare: async (connection, call) =>
    ({
      'alias-creation': compareAlias,
      rename: compareNames,
      change: compareThing,
      'conditional-change': compareThing,
    })[kindOf(call) as 'change'](connection, call),
  'look-whether-gone': lookWhetherGone,
}

async function compareThing(connection: Asker, call: Call): Promise<Settled> {
  const now = await find(connection, call, call.path)
  // A change does not create, and the server says so itself.
  if (now === undefined) return 'send-again'
  if (holds(now.metadata, call.json)) return carriedOut(now)
  if (call.ifMatch === undefined || now.etag === call.ifMatch) return 'send-again'
  throw new ConflictError(
    'precondition-failed',
    `Cannot ${call.action} on "${connection.name}": the answer was lost, and somebody else changed it in the meantime; read it again`,
    { server: connection.name },
  )
}

async function compareAlias(connection: Asker, call: Call): Promise<Settled> {
  const { name } = call.json as { name: string }
  const now = await find(connection, call, `/1.0/images/aliases/${encodeURIComponent(name)}`)
  if (now === undefined) return 'send-again'
  if (holds(now.metadata, call.json)) return carriedOut(now)
  throw new ConflictError(
    'already-exists',
    `Cannot ${call.action} on "${connection.name}": the answer was lost, and the alias now points at another image`,
    { server: connection.name },
  )
}

async function compareNames(connection: Asker, call: Call): Promise<Settled> {
  const { name } = call.json as { name: string }
  if ((await find(connection, call, call.path)) !== undefined) return 'send-again'
  const now = await find(connection, call, `/1.0/images/aliases/${encodeURIComponent(name)}`)
  return now === undefined ? 'send-again' : carriedOut(now)
}

async function lookWhetherGone(connection: Asker, call: Call): Promise<Settled> {
  const now = await find(connection, call, call.path)
  if (now === undefined || call.isStillMeant?.(now.metadata) === false) return carriedOut(now)
  return 'send-again'
}

async function find(connection: Asker, call: Call, path: string): Promise<Answer | undefined> {
  const { project, signal, action } = call
  try {
    return await connection.ask({
      method: 'GET',
      path,
      action: `find out what became of the request to ${action}`,
      project,
      signal,
    })
  } catch (error) {
    if (isHyperkitError(error, 'not-found')) return undefined
    throw error
  }
}

function carriedOut(now: Answer | undefined): Answer {
  return {
    status: 200,
    metadata: {},
    etag: now?.etag,
    location: undefined,
    operation: undefined,
    date: now?.date,
  }
}

/** Whether a thing has all that a change asks for. Servers write times and lists in their own way. */
function holds(found: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted))
    return Array.isArray(found) && String([...wanted].sort()) === String([...found].sort())
  if (wanted !== null && typeof wanted === 'object') {
    const record = (found ?? {}) as Record<string, unknown>
    return Object.entries(wanted).every(([key, value]) => holds(record[key], value))
  }
  if (typeof wanted === 'string' && typeof found === 'string' && timeOf(wanted) !== undefined)
    return timeOf(wanted) === timeOf(found)
  // Servers write an empty list for null.
  if (wanted === null && Array.isArray(found)) return found.length === 0
  return (found ?? '') === (wanted ?? '')
}

function timeOf(text: string): number | undefined {
  return /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : undefined
}
