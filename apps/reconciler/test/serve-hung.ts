import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'

/** A server that hangs, and its entry for a manifest. */
export interface HungServer {
  yaml: string
  close(): void
}

/** How a server hangs: it accepts connections and never answers, or it sends a head and half a body. */
export type Hanging = 'silent' | 'half a body'

/** @param answerTimeout how long it is waited for; with `1h` it hangs until it is closed */
export async function serveHung(how: Hanging, answerTimeout = '300ms'): Promise<HungServer> {
  const sockets = new Set<Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', () => {
      if (how === 'half a body')
        socket.write(
          'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"type": "sync", ',
        )
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    yaml: `{ url: "http://127.0.0.1:${port}", answerTimeout: ${answerTimeout} }`,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
