import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { guardHandler } from './guard-handler.ts'
import { isUnsent } from './is-unsent.ts'
import { keepHeaderBytes } from './keep-header-bytes.ts'
import { keepReading } from './keep-reading.ts'
import { connectTimeout, limitConnecting } from './limit-connecting.ts'
import { type BodyEnd, readBody } from './read-body.ts'
import { invalidAnswer, refuseHead } from './refuse-head.ts'
import { type Sending, sendBody } from './send-body.ts'
import type { Outgoing } from './unpack-request.ts'

/** Keeps the Request alive until its connection is no longer needed; see {@link Outgoing.request}. */
const fetched = Symbol('fetched')

/** Starts a request of node:http or node:https, without its body. */
export type Open = (outgoing: Outgoing, headers: Record<string, string>) => ClientRequest

/**
 * `fetch` over node:http(s). Unlike the `fetch` of Node and Deno it supports unix sockets, pins a certificate independently of the
 * host name, has no timeout but that of the connection, keeps no copy of a body for redirects (nodejs/undici#4058), and honours the `content-length` of a
 * stream.
 */
export function fetchOverNodeHttp(outgoing: Outgoing, open: Open, frugal = false): Promise<Response> {
  const { signal, body } = outgoing
  if (signal?.aborted) {
    if (body instanceof ReadableStream) body.cancel(signal.reason).catch(() => undefined)
    return Promise.reject(signal.reason)
  }
  return new Promise((resolve, reject) => {
    let answered = false
    let sending: Sending | undefined
    const request = open(outgoing, Object.fromEntries(outgoing.headers))
    Object.defineProperty(request, fetched, { value: outgoing.request })
    keepHeaderBytes(request)
    // Node does this by default over TCP but not over TLS. There a small body would wait 40 ms for the server's delayed ACK.
    request.setNoDelay(true)
    if (body instanceof ReadableStream) keepReading(request)
    const fail = (error: unknown): void => {
      signal?.removeEventListener('abort', abort)
      sending?.stop(error)
      // Deno emits no 'error' for a request destroyed before its answer, so the promise does not wait for one.
      reject(error)
      request.destroy()
    }
    const abort = (): void => fail(signal?.reason)
    signal?.addEventListener('abort', abort)
    const isMade = limitConnecting(request, outgoing.url.protocol === 'https:', connectTimeout, fail)
    request.on('error', (error) => {
      // After the answer has begun, a failure of the rest of the upload is irrelevant; the body reports its own failure.
      // That no connection was made can only be said of Deno's repetition, if the request had one; see below.
      if (!answered) fail(isMade() && isUnsent(error) ? hangUp() : error)
      else sending?.stop(error)
    })
    request.on('close', () => {
      if (!answered) fail(hangUp())
    })
    let connections = 0
    const guard = guardHandler(fail)
    request.on(
      'socket',
      guard((socket: Socket) => {
        connections += 1
        if (connections === 1) return
        // Deno 2.9.5 repeats a request of any method when the server closes a kept connection without an answer, and if the server
        // closes the second one too, it waits for ever. Only the caller may repeat a request.
        socket.destroy()
        fail(hangUp())
      }),
    )
    // Without this handler Node closes the connection and reports a hang-up.
    request.on('upgrade', (message: IncomingMessage, socket: Socket) => {
      socket.destroy()
      fail(invalidAnswer(message))
    })
    request.on(
      'response',
      guard((message: IncomingMessage) => {
        refuseHead(message)
        answered = true
        signal?.removeEventListener('abort', abort)
        if ((message.statusCode ?? 0) >= 400)
          sending?.stop(new Error(`the server answered ${message.statusCode}`))
        const finish = (how: BodyEnd): void => {
          if (how === 'complete' && sending?.leavesReusable()) return
          sending?.stop(new Error('the answer has ended'))
          request.destroy()
        }
        resolve(toResponse(message, outgoing, finish, frugal))
      }),
    )
    sending = sendBody(request, body, fail)
  })
}

function hangUp(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
}

function toResponse(
  message: IncomingMessage,
  outgoing: Outgoing,
  onEnd: (how: BodyEnd) => void,
  frugal: boolean,
): Response {
  const status = message.statusCode ?? 0
  const headers = new Headers()
  for (let at = 0; at + 1 < message.rawHeaders.length; at += 2) {
    headers.append(message.rawHeaders[at] ?? '', message.rawHeaders[at + 1] ?? '')
  }
  const empty = outgoing.method === 'HEAD' || status === 204 || status === 205 || status === 304
  if (empty) {
    message.on('error', () => undefined)
    message.on('end', () => onEnd('complete'))
    message.resume()
  }
  const body = empty ? null : readBody(message, onEnd, outgoing.signal, frugal)
  const response = new Response(body, { status, statusText: message.statusMessage ?? '', headers })
  // A Response that is constructed has no URL; error texts and callers expect the requested one.
  Object.defineProperty(response, 'url', { value: outgoing.url.href })
  return response
}
