import { ConflictError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import type { Transport } from '../transport/transport.ts'
import type { Answer } from './answer.ts'
import type { Call } from './call.ts'
import { type Asker, type Settle, sendAgain, settlerOf } from './find-outcome.ts'
import { keepFirst } from './keep-first.ts'
import { answerLimit, type Limits } from './limits.ts'
import { isLost, kindOf } from './lost-answers.ts'
import { outlastElection } from './outlast-election.ts'
import { shareTime } from './share-time.ts'

/** The members of a connection that are needed here. */
export interface LostAsker extends Asker {
  readonly transport: Transport
  readonly limits: Limits
}

/** Sends a request once, and reads its answer. */
type Send<Result> = (call: Call) => Promise<Result>

/**
 * Asks, and if the server has several addresses and the answer of one is lost, does what the table of lost answers says, through another.
 * The limit of the request holds for all of them together.
 *
 * @throws the first error if it remains unknown what became of the request, with the addresses that were tried
 */
export function askUntilSettled(connection: LostAsker, call: Call, send: Send<Answer>): Promise<Answer> {
  return settleOver(connection, call, send, settlerOf(kindOf(call)))
}

/** The same for a request that changes nothing, and whose answer need not be an envelope. */
export function readUntilAnswered<Result>(
  connection: LostAsker,
  call: Call,
  send: Send<Result>,
): Promise<Result> {
  return settleOver(connection, call, send, sendAgain)
}

async function settleOver<Result>(
  connection: LostAsker,
  call: Call,
  send: Send<Result>,
  settle: Settle<Result> | undefined,
): Promise<Result> {
  const { addresses } = connection.transport
  if (addresses === undefined) return send(call)
  const once = (one: Call): Promise<Result> =>
    call.body === undefined ? outlastElection(call.signal, () => send(one)) : send(one)
  if (settle === undefined) return once(call)
  const count = addresses.origins.length
  const time = shareTime(answerLimit(call, connection.limits), count)
  const tried = new Set<string>()
  let first: unknown
  for (let attempt = 1; ; attempt++) {
    try {
      return await once({ ...call, timeout: time.ofAttempt(attempt) })
    } catch (error) {
      call.signal?.throwIfAborted()
      tried.add(addresses.current())
      // After a second try, a refusal can mean that the first one was carried out in the meantime.
      const isRefused = first !== undefined && isRefusal(error)
      if (!isLost(error) && !isRefused) {
        // Nothing was sent this time, which says nothing of the time before.
        throw first !== undefined && isHyperkitError(error, 'unreachable')
          ? keepFirst(first, tried, error, 'sending it again failed')
          : error
      }
      first ??= error
      time.lose()
      const isLast = attempt > count || time.isOver()
      const settled = await settle({ connection, call, limit: time.ofLook() }).catch((second: unknown) => {
        call.signal?.throwIfAborted()
        throw second instanceof ConflictError
          ? second
          : keepFirst(first, tried, second, 'looking for its outcome failed too')
      })
      if (settled !== 'send-again') return settled.result
      if (isRefused) throw error
      if (isLast || time.isOver()) throw keepFirst(first, tried, error, 'sending it again failed')
    }
  }
}

function isRefusal(error: unknown): boolean {
  return (['already-exists', 'precondition-failed', 'not-found'] as const).some((code) =>
    isHyperkitError(error, code),
  )
}
