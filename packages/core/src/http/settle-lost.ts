import { ConflictError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import { pathOfAlias } from './alias-path.ts'
import type { Answer } from './answer.ts'
import type { Call } from './call.ts'
import {
  type ComparedKind,
  type Consequence,
  isCompared,
  isLost,
  kindOf,
  lostAnswers,
  type RequestKind,
} from './lost-answers.ts'
import { matchesChange } from './matches-change.ts'
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
  const settle = settlerOf(kindOf(call))
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

type Settle = (connection: Asker, call: Call) => Promise<Settled>

/** undefined if nothing shows here what became of the request. */
function settlerOf(kind: RequestKind): Settle | undefined {
  return isCompared(kind) ? comparers[kind] : settlers[lostAnswers[kind]]
}

const settlers: Partial<Record<Consequence, Settle>> = {
  'send-again': async () => 'send-again',
  'look-whether-gone': lookWhetherGone,
}

const comparers: Record<ComparedKind, Settle> = {
  'alias-creation': compareAlias,
  rename: compareNames,
  change: compareThing,
  'conditional-change': compareThing,
}

async function compareThing(connection: Asker, call: Call): Promise<Settled> {
  const now = await find(connection, call, call.path)
  // A change does not create, and the server says so itself.
  if (now === undefined) return 'send-again'
  if (matchesChange(call, now.metadata)) return carriedOut(now)
  if (call.ifMatch === undefined || now.etag === call.ifMatch) return 'send-again'
  throw new ConflictError(
    'precondition-failed',
    `Cannot ${call.action} on "${connection.name}": the answer was lost, and somebody else changed it in the meantime; read it again`,
    { server: connection.name },
  )
}

async function compareAlias(connection: Asker, call: Call): Promise<Settled> {
  const { name } = call.json as { name: string }
  const now = await find(connection, call, pathOfAlias(name))
  if (now === undefined) return 'send-again'
  if (matchesChange(call, now.metadata)) return carriedOut(now)
  throw new ConflictError(
    'already-exists',
    `Cannot ${call.action} on "${connection.name}": the answer was lost, and the alias now points at another image`,
    { server: connection.name },
  )
}

async function compareNames(connection: Asker, call: Call): Promise<Settled> {
  const { name } = call.json as { name: string }
  if ((await find(connection, call, call.path)) !== undefined) return 'send-again'
  const now = await find(connection, call, pathOfAlias(name))
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
