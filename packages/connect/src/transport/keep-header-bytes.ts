import { Buffer } from 'node:buffer'
import type { ClientRequest } from 'node:http'
import type { Socket } from 'node:net'

// Marks the sockets whose `write` is replaced already: a kept connection serves several requests. It holds nothing alive, and says
// nothing about a request.
const kept = new WeakSet<Socket>()

/**
 * Sends each character of a header as one byte, as Node does. If a body follows, Deno 2.9.5 sends the header as UTF-8, so that an
 * image's filename, whose bytes are UTF-8 already, would be encoded twice.
 *
 * Bodies are given as bytes, so a text without an encoding is always a header.
 */
export function keepHeaderBytes(request: ClientRequest): void {
  request.once('socket', (socket: Socket) => {
    if (kept.has(socket)) return
    kept.add(socket)
    const write = socket.write as (...call: unknown[]) => boolean
    const bytesOf = (data: unknown, encoding: unknown): unknown =>
      typeof data === 'string' && (typeof encoding !== 'string' || encoding === 'latin1')
        ? Buffer.from(data, 'latin1')
        : data
    socket.write = (data: unknown, encoding?: unknown, ...rest: unknown[]) =>
      write.call(socket, bytesOf(data, encoding), encoding, ...rest)
  })
}
