import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A relay in front of a server that counts its connections. */
export interface CountedServer {
  url: string
  /** The number of connections so far. */
  readonly opened: number
  /** Resolves when no connection is open. */
  closed(): Promise<void>
  stop(): Promise<void>
}

/** @param url address of a server that listens on https; clients still pin the certificate of that server */
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
