import * as v from 'valibot'
import { limitSilence } from '../bytes/limit-silence.ts'
import { ServerError, UnsupportedError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import { codeOfStatus } from '../http/answer.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { pause } from '../http/pause.ts'
import { transportFailure } from '../http/transport-failure.ts'
import { type ConnectedEvent, eventSchema, type ServerEvent } from '../model/event.ts'

/** Which events `client.events()` gives, and for how long it tries to reconnect. */
export interface EventsOptions extends CallOptions {
  /** @default operation and lifecycle */
  types?: readonly ('operation' | 'lifecycle' | 'logging')[] | undefined
  /** Events of all projects; needs a client that may see them. */
  allProjects?: boolean | undefined
  /** Milliseconds of reconnecting after which the loop throws; 0 for no reconnecting. @default no limit */
  patience?: number | undefined
}

/**
 * The events of a server from now on, over a WebSocket, until the loop is left or the signal is aborted.
 *
 * The first event is `connected`: events of anything that starts after it are not missed. A lost connection is made again, with
 * another `connected`; servers do not keep the events in between.
 */
export async function* listenEvents(
  connection: Connection,
  options: EventsOptions = {},
): AsyncGenerator<ServerEvent | ConnectedEvent, void> {
  const open = connection.transport.openMessages?.bind(connection.transport)
  if (!open) {
    throw new UnsupportedError(
      `Cannot listen to events of "${connection.name}": the transport of this runtime has no WebSocket`,
      {
        server: connection.name,
      },
    )
  }
  // A refused handshake does not say that it was for the token.
  if (connection.transport.token !== undefined) await connection.server({ signal: options.signal })
  const path = eventsPath(connection, options)
  let lostSince: number | undefined
  let everConnected = false
  for (let reconnects = 0; ; reconnects++) {
    const attempt = new AbortController()
    const abort = (): void => attempt.abort(options.signal?.reason)
    options.signal?.addEventListener('abort', abort)
    try {
      options.signal?.throwIfAborted()
      const messages = await limitSilence(open(path, { signal: attempt.signal }), connection.limits.read)
      lostSince = undefined
      everConnected = true
      try {
        yield { type: 'connected', at: new Date(), reconnects }
        for await (const message of messages) {
          const event = readEvent(message)
          if (event) yield event
        }
      } finally {
        messages.close()
      }
      options.signal?.throwIfAborted()
    } catch (error) {
      attempt.abort(error)
      options.signal?.throwIfAborted()
      const failure = refusal(connection, path, error) ?? unreached(connection, path, error)
      // If the very first connection fails, the address or the rights are wrong, and waiting does not help. Nor does it with a
      // recording.
      if (!everConnected || isHyperkitError(failure, 'not-recorded')) throw failure
      lostSince ??= Date.now()
      if (Date.now() - lostSince >= (options.patience ?? Number.POSITIVE_INFINITY)) throw failure
    } finally {
      options.signal?.removeEventListener('abort', abort)
    }
    lostSince ??= Date.now()
    await pause(Math.min(5_000, 100 * 2 ** Math.min(6, reconnects)), options.signal)
  }
}

function eventsPath(connection: Connection, options: EventsOptions): string {
  const query = new URLSearchParams({ type: (options.types ?? ['operation', 'lifecycle']).join(',') })
  const project = options.project ?? connection.project
  if (options.allProjects) query.set('all-projects', 'true')
  else if (project !== undefined) query.set('project', project)
  return `/1.0/events?${query}`
}

/** The error of a handshake that was answered with a status and without an envelope. */
function refusal(connection: Connection, path: string, error: unknown): ServerError | undefined {
  const { status } = error as { status?: unknown }
  if (typeof status !== 'number') return undefined
  const code = codeOfStatus(status)
  const shown = connection.transport.token === undefined ? 'certificate trusted' : 'token valid'
  const rights = code === 'not-authorized' ? `; is this client's ${shown} there?` : ''
  return new ServerError(
    code,
    `Cannot listen to events of "${connection.name}": the server answered ${status}${rights}`,
    {
      server: connection.name,
      status,
      errorCode: 0,
      serverMessage: '',
      request: { method: 'GET', path },
      cause: error,
    },
  )
}

function unreached(connection: Connection, path: string, error: unknown): Error {
  return transportFailure(error, {
    server: connection.name,
    action: 'Cannot listen to events',
    request: { method: 'GET', path },
  })
}

function readEvent(message: string): ServerEvent | undefined {
  let json: unknown
  try {
    json = JSON.parse(message)
  } catch {
    return undefined
  }
  const read = v.safeParse(eventSchema, json)
  if (!read.success) return undefined
  const { type, timestamp, location, project, metadata } = read.output
  return { type, at: new Date(timestamp), location, project, metadata: metadata ?? {} }
}
