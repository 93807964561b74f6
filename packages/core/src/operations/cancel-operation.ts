import { HyperkitError } from '../errors/hyperkit-error.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { pause } from '../http/pause.ts'
import { getOperation } from './get-operation.ts'
import { operationId } from './operation-id.ts'

/** Milliseconds after which a server that has not answered is looked at, and from one look to the next. */
const looks = { first: 1_000, next: 500 }

/**
 * Cancels an operation. The server refuses with `bad-request` where that cannot be: uploads that it is storing,
 * publishing, deletes, and whatever has ended; LXD 6 refuses only what has ended.
 *
 * LXD 6 answers only when the work has stopped, which a download from a source that hangs does not (T54). So an operation
 * that is still being cancelled after 1.5 seconds is a refusal too.
 */
export async function cancelOperation(
  connection: Connection,
  id: string,
  options: CallOptions = {},
): Promise<void> {
  const end = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, end.signal]) : end.signal
  const call = {
    method: 'DELETE' as const,
    path: `/1.0/operations/${operationId(id)}`,
    action: `cancel operation ${operationId(id)}`,
  }
  const asked = connection.ask({ ...call, ...options, signal })
  try {
    await Promise.race([asked, lookMeanwhile(connection, operationId(id), { ...options, signal }, call)])
  } finally {
    asked.catch(() => undefined)
    end.abort()
  }
}

/** Resolves where the operation turns out to be cancelled; rejects where it stays in between. */
async function lookMeanwhile(
  connection: Connection,
  id: string,
  options: CallOptions,
  request: { method: string; path: string; action: string },
): Promise<void> {
  let wasCancelling = false
  for (let wait = looks.first; ; wait = looks.next) {
    // The end of the race ends this too.
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
    `Cannot ${request.action} on "${name}": the server has begun to cancel it and cannot end its work now; it ends when what it waits for, such as the source of a download, answers or closes the connection`,
    { server: name },
  )
}
