import type { ClientRequest } from 'node:http'
import type { Socket } from 'node:net'

/** Milliseconds. A turn of the event loop is enough for Node; Deno takes up reading later. */
export const grace = 100

/**
 * Lets an answer be read that stood in the system's buffer when a write failed.
 *
 * A server that refuses an upload answers and closes. The next write then fails, and Node destroys the connection before
 * it has read what came: seen in 25 of 40 uploads that a server of Node's refused, in 38 of 40 on Deno 2.9.5. What came is
 * there already (TCP keeps the order), so the wait is for the event loop alone.
 */
export function keepReading(request: ClientRequest): void {
  request.once('socket', (socket: Socket) => {
    const restore = keepUnread(socket)
    request.once('close', restore)
  })
}

/**
 * The same for a connection.
 *
 * @returns what undoes it
 */
export function keepUnread(socket: Socket): () => void {
  const destroy = socket.destroy
  let waiting = false
  socket.destroy = (error?: Error) => {
    if (waiting || (error as { syscall?: string } | undefined)?.syscall !== 'write')
      return destroy.call(socket, error)
    waiting = true
    // A stream drops what it reads once its writing side has failed; only this private field says so.
    const state = (socket as unknown as { _readableState?: { errored?: unknown } })._readableState
    if (state !== undefined) state.errored = null
    setTimeout(() => destroy.call(socket, error), grace)
    return socket
  }
  return () => {
    socket.destroy = destroy
  }
}
