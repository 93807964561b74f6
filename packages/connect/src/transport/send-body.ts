import { Buffer } from 'node:buffer'
import type { ClientRequest } from 'node:http'
import type { Outgoing } from './unpack-request.ts'

export interface Sending {
  /** True once the request has its whole body, and its connection may serve another request. */
  leavesReusable(): boolean
  /** Stops sending, and tells the source so. */
  stop(reason: unknown): void
}

// On Deno 2.9.5 the request after a large upload sometimes never leaves a TLS connection that is used again.
const large = 1024 * 1024

const bufferSize = 256 * 1024

/** Writes the body into the request, no faster than the connection takes it; a failure of the source goes to `onFailure`. */
export function sendBody(
  request: ClientRequest,
  body: Outgoing['body'],
  onFailure: (error: unknown) => void,
): Sending {
  if (!(body instanceof ReadableStream)) {
    request.end(typeof body === 'string' ? Buffer.from(body) : body)
    return { leavesReusable: () => true, stop: () => undefined }
  }
  const source = readSource(body)
  let sent = 0
  let state: 'sending' | 'finished' | 'stopped' = 'sending'
  const stop = (reason: unknown): void => {
    if (state !== 'sending') return
    state = 'stopped'
    // The source's own failure to stop changes nothing here: nobody reads it any more.
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
        if (!error) source.giveBack(value)
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

interface Source {
  read(): Promise<ReadableStreamReadResult<Uint8Array>>
  /** Nobody looks at it any more: its memory may be filled again. */
  giveBack(piece: Uint8Array): void
  cancel(reason: unknown): Promise<void>
}

/**
 * A byte stream fills the same few buffers again and again. Left to the garbage collector, those of 1 GiB made Deno 2.9.5
 * grow by 20 to 50 MiB and Node 20 by 30.
 */
function readSource(body: ReadableStream<Uint8Array>): Source {
  const reader = readerInto(body)
  if (reader === undefined) {
    const plain = body.getReader()
    return { read: () => plain.read(), giveBack: () => undefined, cancel: (reason) => plain.cancel(reason) }
  }
  const free: ArrayBuffer[] = []
  return {
    async read() {
      const { done, value } = await reader.read(new Uint8Array(free.pop() ?? new ArrayBuffer(bufferSize)))
      return done || value === undefined ? { done: true, value: undefined } : { done, value }
    },
    giveBack: ({ buffer }) => void free.push(buffer as ArrayBuffer),
    cancel: (reason) => reader.cancel(reason),
  }
}

function readerInto(body: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | undefined {
  try {
    return body.getReader({ mode: 'byob' })
  } catch {
    // No byte stream.
    return undefined
  }
}

// One turn of the event loop after each write, so that an answer which came meanwhile is read before the next write: a
// server that refuses an upload answers and closes, and a write into the closed connection would destroy the answer too.
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
