import type { IncomingMessage, ServerResponse } from 'node:http'
import { isClosedWithoutAnswer } from '../answer/close-without-answer.ts'
import type { ConnectionInfo } from '../trust/peer.ts'
import { connectionInfo } from './connection-info.ts'
import type { ListenOptions } from './listen-options.ts'

type Answer = (request: Request, info: ConnectionInfo) => Promise<Response>

/** Turns a Node request into a `Request`, calls the server, and writes the `Response`, streaming both ways. */
export async function serveRequest(
  options: ListenOptions,
  answer: Answer,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const controller = new AbortController()
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) controller.abort(new Error('client went away'))
  })
  try {
    const response = await answer(requestOf(incoming, controller.signal), connectionInfo(options, incoming))
    if (isClosedWithoutAnswer(response)) {
      incoming.socket.destroy()
      return
    }
    await writeResponse(response, outgoing)
    // An unread body must not block the next request of this connection; its listener would pause it again.
    incoming.removeAllListeners('data')
    incoming.resume()
  } catch {
    incoming.socket.destroy()
  }
}

function requestOf(incoming: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers()
  const raw = incoming.rawHeaders
  for (let index = 0; index < raw.length; index += 2) headers.append(raw[index] ?? '', raw[index + 1] ?? '')
  const method = incoming.method ?? 'GET'
  const bodyless = method === 'GET' || method === 'HEAD'
  const init: RequestInit & { duplex: 'half' } = { method, headers, signal, duplex: 'half' }
  if (!bodyless) init.body = bodyOf(incoming)
  // The path is passed in the connection's `target`, because a URL would change it.
  return new Request(urlOf(incoming), init)
}

function urlOf(incoming: IncomingMessage): string {
  try {
    return new URL(incoming.url ?? '/', 'http://server').href
  } catch {
    return 'http://server/'
  }
}

/** Pulls one chunk at a time; after a cancel the rest is discarded instead of closing the connection. */
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let ended = false
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        incoming.on('data', (chunk: Uint8Array) => {
          if (ended) return
          incoming.pause()
          controller.enqueue(new Uint8Array(chunk))
        })
        incoming.pause()
        incoming.once('end', () => {
          if (!ended) controller.close()
          ended = true
        })
        const cut = (): void => {
          if (!ended) controller.error(new Error('unexpected EOF'))
          ended = true
        }
        incoming.once('close', cut)
        incoming.once('error', cut)
      },
      pull() {
        incoming.resume()
      },
      cancel() {
        ended = true
        incoming.resume()
      },
    },
    { highWaterMark: 0 },
  )
}

async function writeResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  const headers: Record<string, string> = {}
  for (const [name, value] of response.headers) headers[name] = value
  const reader = response.body?.getReader()
  if (reader === undefined) {
    outgoing.writeHead(response.status, headers)
    outgoing.end()
    return
  }
  const announced = Number(response.headers.get('content-length') ?? Number.NaN)
  outgoing.writeHead(response.status, headers)
  outgoing.flushHeaders()
  let written = 0
  const gone = new Promise<void>((resolve) => outgoing.once('close', resolve))
  try {
    for (;;) {
      const step = await reader.read()
      if (step.done) break
      written += step.value.byteLength
      if (outgoing.destroyed) throw new Error('client went away')
      if (!outgoing.write(step.value)) {
        await Promise.race([new Promise<void>((resolve) => outgoing.once('drain', resolve)), gone])
      }
    }
  } catch (error) {
    await reader.cancel(error).catch(() => {})
    throw error
  }
  // Fewer bytes than announced: as with a daemon, the connection ends after the last byte (T24).
  if (written < announced) outgoing.socket?.end()
  else outgoing.end()
}
