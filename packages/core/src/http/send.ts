import ky, { isTimeoutError } from 'ky'
import { TransportError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import type { Transport } from '../transport/transport.ts'
import type { Call } from './call.ts'
import { transportFailure } from './transport-failure.ts'
import { untilAborted } from './until-aborted.ts'

/**
 * Sends one request and gives its answer, whatever its status, with the body unread.
 *
 * Only reads are repeated, and only if the connection was closed before an answer came, as happens with an idle connection that the
 * server has just closed. With retries on, ky would keep a second copy of each body: 1 GiB for 1 GiB.
 */
export async function send(
  transport: Transport,
  call: Call,
  requestTimeout: number | false,
  askToken?: () => Promise<string>,
): Promise<Response> {
  const request = { method: call.method, path: call.path }
  const json = call.json === undefined ? undefined : JSON.stringify(call.json)
  const failed = (error: unknown): Error =>
    transportFailure(error, {
      server: transport.name,
      action: `Cannot ${call.action}`,
      request,
      length: json?.length ?? 0,
    })
  call.signal?.throwIfAborted()
  try {
    return await ky(urlOf(transport, call), {
      method: call.method,
      headers: headersOf(call),
      ...(json === undefined ? {} : { body: json }),
      ...(call.body === undefined ? {} : { body: call.body }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
      redirect: transport.redirect ?? 'error',
      timeout: call.timeout ?? requestTimeout,
      throwHttpErrors: false,
      retry:
        call.method === 'GET'
          ? {
              limit: 2,
              methods: ['get'],
              shouldRetry: ({ error }) => isHyperkitError(error, 'closed-without-answer'),
            }
          : 0,
      fetch: async (input) => {
        const outgoing = input as Request
        try {
          if (askToken) outgoing.headers.set('authorization', `Bearer ${await askToken()}`)
          return await untilAborted(transport.fetch(outgoing), call.signal)
        } catch (error) {
          if (call.signal?.aborted || outgoing.signal.aborted) throw error
          throw failed(error)
        }
      },
    })
  } catch (error) {
    call.signal?.throwIfAborted()
    if (isTimeoutError(error)) {
      throw new TransportError(
        'timeout',
        `Cannot ${call.action} on "${transport.name}": no answer within ${call.timeout ?? requestTimeout} ms`,
        {
          cause: error,
          server: transport.name,
          request,
        },
      )
    }
    throw failed(error)
  }
}

function urlOf(transport: Transport, call: Call): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries({ project: call.project, ...call.query })) {
    if (value !== undefined) query.set(key, value)
  }
  const text = query.toString()
  return `${transport.origin}${call.path}${text === '' ? '' : `?${text}`}`
}

function headersOf(call: Call): Record<string, string> {
  return {
    accept: '*/*',
    // Without a charset: with one, servers take broken JSON for an image.
    ...(call.json === undefined ? {} : { 'content-type': 'application/json' }),
    ...(call.ifMatch === undefined ? {} : { 'if-match': call.ifMatch }),
    ...call.headers,
  }
}
