import { ConflictError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import { pathOfAlias } from './alias-path.ts'
import type { Answer } from './answer.ts'
import type { Call } from './call.ts'
import {
  type ComparedKind,
  type Consequence,
  isCompared,
  lostAnswers,
  type RequestKind,
} from './lost-answers.ts'
import { matchesChange } from './matches-change.ts'

/** The members of a connection that are needed here. */
export interface Asker {
  readonly name: string
  ask(call: Call): Promise<Answer>
}

/** What became of a request: it was carried out, or it can be sent again. */
export type Settled<Result> = { result: Result } | 'send-again'

/** Finds out what became of a request. @param limit the milliseconds in which an answer must begin */
export type Settle<Result> = (lost: Lost) => Promise<Settled<Result>>

/** A request whose answer was lost. */
export interface Lost {
  connection: Asker
  call: Call
  /** Milliseconds that there are to find out what became of it. @default as the client's `answerTimeout` says */
  limit: number | undefined
}

/** How to find out what became of a request; undefined if nothing shows it here. */
export function settlerOf(kind: RequestKind): Settle<Answer> | undefined {
  return isCompared(kind) ? comparers[kind] : settlers[lostAnswers[kind]]
}

const settlers: Partial<Record<Consequence, Settle<Answer>>> = {
  'send-again': sendAgain,
  'look-whether-gone': lookWhetherGone,
}

const comparers: Record<ComparedKind, Settle<Answer>> = {
  'alias-creation': compareAlias,
  rename: compareNames,
  change: compareThing,
  'conditional-change': compareThing,
}

/** For requests that change nothing. */
export async function sendAgain(): Promise<'send-again'> {
  return 'send-again'
}

async function compareThing(lost: Lost): Promise<Settled<Answer>> {
  const { connection, call } = lost
  const now = await find(lost, call.path)
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

async function compareAlias(lost: Lost): Promise<Settled<Answer>> {
  const { connection, call } = lost
  const { name } = call.json as { name: string }
  const now = await find(lost, pathOfAlias(name))
  if (now === undefined) return 'send-again'
  if (matchesChange(call, now.metadata)) return carriedOut(now)
  throw new ConflictError(
    'already-exists',
    `Cannot ${call.action} on "${connection.name}": the answer was lost, and the alias now points at another image`,
    { server: connection.name },
  )
}

async function compareNames(lost: Lost): Promise<Settled<Answer>> {
  const { call } = lost
  const { name } = call.json as { name: string }
  if ((await find(lost, call.path)) !== undefined) return 'send-again'
  const now = await find(lost, pathOfAlias(name))
  return now === undefined ? 'send-again' : carriedOut(now)
}

async function lookWhetherGone(lost: Lost): Promise<Settled<Answer>> {
  const { call } = lost
  const now = await find(lost, call.path)
  if (now === undefined || call.isStillMeant?.(now.metadata) === false) return carriedOut(now)
  return 'send-again'
}

async function find({ connection, call, limit }: Lost, path: string): Promise<Answer | undefined> {
  const { project, signal, action } = call
  try {
    return await connection.ask({
      method: 'GET',
      path,
      action: `find out what became of the request to ${action}`,
      project,
      signal,
      ...(limit === undefined ? {} : { timeout: limit }),
    })
  } catch (error) {
    if (isHyperkitError(error, 'not-found')) return undefined
    throw error
  }
}

function carriedOut(now: Answer | undefined): Settled<Answer> {
  const { etag, date } = now ?? {}
  return { result: { status: 200, metadata: {}, etag, location: undefined, operation: undefined, date } }
}
