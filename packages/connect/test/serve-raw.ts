import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/**
 * Answers each request with these bytes (a text is latin1), whatever HTTP says about them. The connection stays open, unless the
 * answer is a function that closes it.
 */
export async function serveRaw(
  answer: string | ((socket: Socket, request: string) => void),
): Promise<string> {
  const sockets = new Set<Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', (request) =>
      typeof answer === 'string'
        ? socket.write(answer, 'latin1')
        : answer(socket, request.toString('latin1')),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
