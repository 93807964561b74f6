import type { WebSocket } from 'ws'

/** Milliseconds. */
const pause = 30_000

/**
 * Ends a WebSocket whose server is silent. A machine that loses its power or its network closes no connection, and a client that
 * only listens would wait for ever. LXD 5.0.2 and Incus 6.0.4 answer a ping, and send one themselves every 10 s.
 *
 * @param interval milliseconds between two pings; the connection counts as lost if nothing arrives for as long
 */
export function keepHeartbeat(socket: WebSocket, interval: number = pause): void {
  let isAlive = true
  const live = (): void => {
    isAlive = true
  }
  for (const sign of ['message', 'ping', 'pong'] as const) socket.on(sign, live)
  const timer = setInterval(() => {
    if (!isAlive) return socket.terminate()
    isAlive = false
    socket.ping()
  }, interval)
  timer.unref()
  socket.on('close', () => clearInterval(timer))
}
