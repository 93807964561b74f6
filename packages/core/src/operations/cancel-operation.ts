import { HyperkitError } from '../errors/hyperkit-error.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { pause } from '../http/pause.ts'
import { getOperation } from './get-operation.ts'
import { operationId } from './operation-id.ts'

/** Milliseconds until the operation is first read if the server has not answered, and then between two reads. */
const waits = { first: 1_000, next: 500 }

/** Options of {@link cancelOperation}. */
export interface CancelOptions extends CallOptions {
  /** Milliseconds for all addresses of the server, of which the first that is asked may hang. @default that of the client */
  timeout?: number | undefined
}

/**
 * Cancels an operation. The server refuses with `bad-request` if it cannot cancel it: an upload that it is storing, a publish, a delete, or
 * an operation that has ended. LXD 6 refuses only operations that have ended.
 *
 * LXD 6 answers only after the work has stopped, and a download from a source that hangs does not stop (T54). So an operation that is still
 * being cancelled after 1.5 seconds counts as refused too.
 */
export async function cancelOperation(
  connection: Connection,
  id: string,
  { timeout, ...options }: CancelOptions = {},
): Promise<void> {
  const end = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, end.signal]) : end.signal
  const call = {
    method: 'DELETE' as const,
    path: `/1.0/operations/${operationId(id)}`,
    action: `cancel operation ${operationId(id)}`,
  }
  const limit = timeout === undefined ? {} : { timeout }
  const asked = connection.ask({ ...call, ...limit, ...options, signal })
  try {
    await Promise.race([asked, lookMeanwhile(connection, operationId(id), { ...options, signal }, call)])
  } finally {
    asked.catch(() => undefined)
    end.abort()
  }
}

/** Resolves if the operation turns out to be cancelled; rejects if it keeps being cancelled without an end. */
async function lookMeanwhile(
  connection: Connection,
  id: string,
  options: CallOptions,
  request: { method: string; path: string; action: string },
): Promise<void> {
  let wasCancelling = false
  for (let wait = waits.first; ; wait = waits.next) {
    // Ended by the end of the race.
    if (!(await paused(wait, options.signal))) return new Promise(() => {})
    const state = await getOperation(connection, id, options).then(
      (operation) => operation.state,
      () => undefined,
    )
    if (state === 'cancelled') return
    if (state === 'cancelling' && wasCancelling) throw beyondReach(connection, request)
    wasCancelling = state === 'cancelling'
  }
}

function paused(milliseconds: number, signal: AbortSignal | undefined): Promise<boolean> {
  return pause(milliseconds, signal).then(
    () => true,
    () => false,
  )
}

function beyondReach(
  { name }: Connection,
  request: { method: string; path: string; action: string },
): HyperkitError {
  return new HyperkitError(
    'bad-request',
    `Cannot ${request.action} on "${name}": the server has begun to cancel it but cannot stop its work yet; it ends when what it waits for, such as the source of a download, answers or closes the connection`,
    { server: name },
  )
}
