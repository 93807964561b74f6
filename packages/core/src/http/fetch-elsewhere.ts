import { type RequestFacts, TransportError } from '../errors/errors.ts'
import { transportFailure } from './transport-failure.ts'

/** How another web server than the one of a connection is asked. */
export interface Elsewhere {
  fetch(input: string, init: RequestInit): Promise<Response>
  method: 'GET' | 'HEAD'
  headers?: Record<string, string>
  /** Whether a redirect to plain http is followed, where anybody can change what comes. */
  insecure: boolean
  /** What allows that: `set insecure to take it all the same`. */
  instead: string
  signal: AbortSignal | undefined
  /** `Cannot read "index.json"` */
  action: string
  /** How errors call the web server. */
  server: string
  request: RequestFacts
}

/**
 * Asks a web server; any status is an answer.
 *
 * @throws {TransportError}
 */
export async function fetchElsewhere(url: string, how: Elsewhere): Promise<Response> {
  const { signal, action, server, request } = how
  signal?.throwIfAborted()
  let answer: Response
  try {
    answer = await how.fetch(url, {
      method: how.method,
      // What a proxy compresses on the way would not have its hash.
      headers: { ...how.headers, 'accept-encoding': 'identity' },
      redirect: 'follow',
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (error) {
    signal?.throwIfAborted()
    throw transportFailure(error, { server, action, request })
  }
  if (how.insecure || !answer.url.startsWith('http:')) return answer
  await answer.body?.cancel()
  throw new TransportError(
    'unexpected-answer',
    `${action} of "${server}": it was sent on to ${answer.url}, where anybody can change it on its way; ${how.instead}`,
    { server, request },
  )
}
