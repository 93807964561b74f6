import { Buffer } from 'node:buffer'
import type { ClientRequest } from 'node:http'
import { readPieces } from '@hyperkit/core/parts'
import type { Outgoing } from './unpack-request.ts'

export interface Sending {
  /** Whether the whole body is sent and the connection can serve another request. */
  leavesReusable(): boolean
  /** Stops sending, and cancels the source. */
  stop(reason: unknown): void
}

// If Deno 2.9.5 reuses a TLS connection after a large upload, the next request is sometimes never sent.
const large = 1024 * 1024

const bufferSize = 256 * 1024

/** Writes the body to the request, no faster than the connection takes it. `onFailure` gets a failure of the source. */
export function sendBody(
  request: ClientRequest,
  body: Outgoing['body'],
  onFailure: (error: unknown) => void,
): Sending {
  if (!(body instanceof ReadableStream)) {
    request.end(typeof body === 'string' ? Buffer.from(body) : body)
    return { leavesReusable: () => true, stop: () => undefined }
  }
  const source = readPieces(body, bufferSize)
  let sent = 0
  let state: 'sending' | 'finished' | 'stopped' = 'sending'
  const stop = (reason: unknown): void => {
    if (state !== 'sending') return
    state = 'stopped'
    // It does not matter if the source fails to stop, since nothing reads it any more.
    source.cancel(reason).catch(() => undefined)
    request.emit('hyperkit:stopped')
  }
  const pump = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await source.read()
      if (state !== 'sending') return
      if (done) break
      sent += value.byteLength
      const written = (error?: Error | null): void => {
        if (!error) source.giveBack([value])
      }
      await (request.write(value, written) ? turn() : room(request))
      if (state !== 'sending') return
    }
    state = 'finished'
    request.end()
  }
  pump().catch((error: unknown) => {
    if (state === 'sending') {
      state = 'stopped'
      onFailure(error)
    }
  })
  return { leavesReusable: () => state === 'finished' && sent < large, stop }
}

// Waits one turn of the event loop after each write, so that an answer that arrived meanwhile is read before the next write. A
// server that refuses an upload answers and closes, and a write to the closed connection would destroy the answer too.
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function room(request: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of events) request.off(event, done)
      resolve()
    }
    const events = ['drain', 'close', 'error', 'hyperkit:stopped']
    for (const event of events) request.on(event, done)
  })
}
