import { limitSilence } from '../bytes/limit-silence.ts'
import { type RequestFacts, TransportError } from '../errors/errors.ts'
import { discardBody } from './discard-body.ts'
import { transportFailure } from './transport-failure.ts'

/** A request to a web server that is not the connection's server. */
export interface Elsewhere {
  fetch(input: string, init: RequestInit): Promise<Response>
  method: 'GET' | 'HEAD' | 'POST'
  body?: string
  /** @default 'follow' */
  redirect?: 'follow' | 'manual'
  headers?: Record<string, string>
  /** Whether to follow a redirect to plain http, where anybody in between can change the answer. */
  insecure: boolean
  /** What allows that, in words: `set insecure to accept it anyway`. */
  instead: string
  signal: AbortSignal | undefined
  /** Milliseconds until the answer begins. @default 60_000 */
  patience?: number | undefined
  /** `Cannot read "index.json"` */
  action: string
  /** The web server's name in errors. */
  server: string
  request: RequestFacts
}

/**
 * Sends a request to a web server; any status is an answer.
 *
 * @throws {TransportError}
 */
export async function fetchElsewhere(url: string, how: Elsewhere): Promise<Response> {
  const { signal, action, server, request } = how
  signal?.throwIfAborted()
  let answer: Response
  try {
    const asked = how.fetch(url, {
      // Bun's own fetch, for programs that give no other, would make gigabytes of a few megabytes.
      ...{ decompress: false },
      method: how.method,
      // A body that a proxy compresses would not match its hash.
      headers: { ...how.headers, 'accept-encoding': 'identity' },
      redirect: how.redirect ?? 'follow',
      ...(how.body === undefined ? {} : { body: how.body }),
      ...(signal === undefined ? {} : { signal }),
    })
    answer = await limitSilence(asked, how.patience ?? 60_000).catch((error: unknown) => {
      asked.then(discardBody).catch(() => undefined)
      throw error
    })
  } catch (error) {
    signal?.throwIfAborted()
    throw transportFailure(error, { server, action, request })
  }
  if (how.insecure || !answer.url.startsWith('http:')) return answer
  await discardBody(answer)
  throw new TransportError(
    'unexpected-answer',
    `${action} of "${server}": it was redirected to ${answer.url}, and over plain http anybody on the network path can change the answer; ${how.instead}`,
    { server, request },
  )
}
