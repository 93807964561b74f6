import ky, { isTimeoutError } from 'ky'
import { inSeconds } from '../bytes/in-seconds.ts'
import { silence } from '../bytes/limit-silence.ts'
import { watchTaking } from '../bytes/watch-taking.ts'
import { TransportError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import type { Transport } from '../transport/transport.ts'
import type { Call } from './call.ts'
import { discardBody } from './discard-body.ts'
import { answerLimit, type Limits } from './limits.ts'
import { refuseEncoding } from './refuse-encoding.ts'
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
  limits: Limits,
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
  const timeout = answerLimit(call, limits)
  const sending = limitSending(call, limits.silence)
  const signal = sending?.signal ?? call.signal
  try {
    const response = await ky(urlOf(transport, call), {
      method: call.method,
      headers: headersOf(call),
      ...(json === undefined ? {} : { body: json }),
      ...(sending === undefined ? {} : { body: sending.body }),
      ...(signal === undefined ? {} : { signal }),
      redirect: transport.redirect ?? 'error',
      timeout,
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
          const init = transport.addresses && { signal: sayWhenLate(outgoing, signal, timeout) }
          return await untilAborted(transport.fetch(outgoing, init), signal, discardBody)
        } catch (error) {
          if (call.signal?.aborted || outgoing.signal.aborted) throw error
          throw failed(error)
        }
      },
    })
    await refuseEncoding(response, transport, call)
    return response
  } catch (error) {
    call.signal?.throwIfAborted()
    if (sending?.signal.aborted) throw failed(sending.signal.reason)
    if (isTimeoutError(error)) {
      throw new TransportError(
        'timeout',
        `Cannot ${call.action} on "${transport.name}": no answer within ${inSeconds(Number(timeout))}`,
        {
          cause: error,
          server: transport.name,
          request,
        },
      )
    }
    throw failed(error)
  } finally {
    sending?.stop()
  }
}

/** The body of an upload, and a signal that is aborted by the caller's, or when the server has taken nothing of it for too long. */
function limitSending(
  { body, signal }: Call,
  limit: number | false,
): { body: ReadableStream<Uint8Array>; signal: AbortSignal; stop(): void } | undefined {
  if (body === undefined) return undefined
  const controller = new AbortController()
  const abort = (): void => controller.abort(signal?.reason)
  signal?.addEventListener('abort', abort)
  const onStill = (): void => controller.abort(silence(Number(limit)))
  const watched = watchTaking(body, limit, onStill, controller.signal)
  return {
    body: watched.body,
    signal: controller.signal,
    stop() {
      signal?.removeEventListener('abort', abort)
      watched.stop()
    },
  }
}

/**
 * The signal of a request, with a reason that distinguishes an abort of the caller from a server that did not answer, for which ky gives
 * none: a transport with several addresses leaves the one that is silent.
 */
function sayWhenLate(
  { signal }: Request,
  given: AbortSignal | undefined,
  limit: number | false,
): AbortSignal {
  const controller = new AbortController()
  const abort = (): void =>
    controller.abort(
      given?.aborted
        ? given.reason
        : new DOMException(`no answer within ${inSeconds(Number(limit))}`, 'TimeoutError'),
    )
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  return controller.signal
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
