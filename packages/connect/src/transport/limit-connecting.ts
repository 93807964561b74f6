import type { ClientRequest } from 'node:http'
import type { Socket } from 'node:net'

/** Milliseconds in which a connection must be made, with its TLS handshake, and through its proxy. */
export const connectTimeout = 10_000

/**
 * Calls back if a request has no connection in time. Systems try for two minutes, and a server that accepts a connection and never
 * answers the TLS handshake is waited for without end. Bun's fetch shows no connection: there, only the limit of the first answer holds.
 *
 * @returns whether the request has had a connection
 */
export function limitConnecting(
  request: ClientRequest,
  secure: boolean,
  milliseconds: number,
  onLate: (error: Error) => void,
): () => boolean {
  const timer = setTimeout(() => onLate(late(milliseconds)), milliseconds)
  const stop = (): void => clearTimeout(timer)
  let isMade = false
  const connected = (): void => {
    isMade = true
    stop()
  }
  request.once('socket', (socket: Socket) => {
    const { secureConnecting = false } = socket as { secureConnecting?: boolean }
    // Otherwise it is a kept connection, or one that the agent has made completely.
    if (!socket.connecting && !secureConnecting) return connected()
    socket.once(secure ? 'secureConnect' : 'connect', connected)
  })
  request.once('close', stop)
  return () => isMade
}

/** The error of a connection that was not made in time. */
export function late(milliseconds: number): Error {
  const text = `no connection within ${milliseconds / 1000} s`
  return Object.assign(new Error(text), { code: 'ETIMEDOUT', syscall: 'connect' })
}
