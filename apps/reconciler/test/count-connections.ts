import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A relay in front of a server that knows which connections are open. */
export interface CountedServer {
  url: string
  /** How many there have been. */
  readonly opened: number
  /** Resolves when none is open. */
  closed(): Promise<void>
  stop(): Promise<void>
}

/** @param url of a server that listens on https; its certificate stays the one that clients pin */
export async function countConnections(url: string): Promise<CountedServer> {
  const { hostname, port } = new URL(url)
  const open = new Set<Socket>()
  let opened = 0
  const server = createServer((socket) => {
    opened++
    open.add(socket)
    const behind = connect(Number(port), hostname)
    socket.once('close', () => {
      open.delete(socket)
      behind.destroy()
    })
    behind.once('close', () => socket.destroy())
    for (const each of [socket, behind]) each.on('error', () => each.destroy())
    socket.pipe(behind).pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address() as { port: number }
  return {
    url: `https://127.0.0.1:${address.port}`,
    get opened() {
      return opened
    },
    async closed() {
      for (const socket of open) if (!socket.destroyed) await once(socket, 'close')
    },
    async stop() {
      for (const socket of open) socket.destroy()
      server.close()
    },
  }
}
