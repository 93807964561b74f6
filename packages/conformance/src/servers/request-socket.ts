import { request } from 'node:http'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

export interface SocketCall {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path with query, `/1.0/images?project=a`. */
  path: string
  json?: unknown
  headers?: Record<string, string>
  /** Sent unchanged, chunked. Not together with `json`. */
  body?: Readable
}

export interface SocketAnswer {
  status: number
  metadata: unknown
  /** `/1.0/operations/<id>`; empty if the answer is the result. */
  operation: string
}

interface Envelope {
  error: string
  metadata: unknown
  operation: string
}

/**
 * Sends a request to a daemon's unix socket, with node:http and without the library under test.
 *
 * @throws if the server cannot be reached or its answer is an error; the message has the server's words
 */
export async function requestSocket(socket: string, call: SocketCall): Promise<SocketAnswer> {
  const { status, text } = await send(socket, call)
  const envelope = JSON.parse(text) as Envelope
  if (envelope.error) {
    throw new Error(
      `Cannot ${call.method} ${call.path} on "${socket}": the server answered ${status} "${envelope.error}"`,
    )
  }
  return { status, metadata: envelope.metadata, operation: envelope.operation }
}

/** Like {@link requestSocket}, and then waits for the operation if the server creates one; returns its metadata. */
export async function completeOnSocket(socket: string, call: SocketCall): Promise<unknown> {
  const started = await requestSocket(socket, call)
  if (!started.operation) return started.metadata
  const operation = await ended(socket, started.operation)
  if (operation.status !== 'Success') {
    throw new Error(
      `Cannot ${call.method} ${call.path} on "${socket}": operation ended ${operation.status} "${operation.err}"`,
    )
  }
  return operation.metadata
}

interface EndedOperation {
  status: string
  err: string
  metadata: unknown
}

/** A member of a cluster of LXD or Incus 6.0 answers at once, with a running operation, if another member has it. */
async function ended(socket: string, operation: string): Promise<EndedOperation> {
  for (;;) {
    const { metadata } = await requestSocket(socket, { method: 'GET', path: `${operation}/wait` })
    const read = metadata as EndedOperation
    if (read.status !== 'Running' && read.status !== 'Pending') return read
    await delay(20)
  }
}

function send(socket: string, call: SocketCall): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const payload = call.json === undefined ? undefined : JSON.stringify(call.json)
    const headers: Record<string, string> = { ...call.headers, host: 'localhost' }
    if (payload !== undefined) {
      headers['content-type'] = 'application/json'
      headers['content-length'] = String(Buffer.byteLength(payload))
    }
    const outgoing = request(
      { socketPath: socket, method: call.method, path: call.path, headers, agent: false },
      (incoming) => {
        let text = ''
        incoming.setEncoding('utf8')
        incoming.on('data', (part: string) => {
          text += part
        })
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text }))
        incoming.on('error', reject)
      },
    )
    outgoing.on('error', reject)
    if (call.body) call.body.on('error', reject).pipe(outgoing)
    else outgoing.end(payload)
  })
}
