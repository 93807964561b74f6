import http from 'node:http'
import net, { type AddressInfo, type Socket } from 'node:net'

/** A proxy that tunnels to one port of this machine, whatever the requested host; it also forwards plain http requests, which Bun sends. */
export interface ServedProxy {
  url: string
  /** `host:port` of each tunnel or request, in order. */
  asked: string[]
  close(): Promise<void>
}

export async function serveProxy(to: string, status = 200): Promise<ServedProxy> {
  const asked: string[] = []
  const sockets = new Set<Socket>()
  const server = http.createServer((request, response) => {
    const { host, port, pathname, search } = new URL(request.url ?? '')
    asked.push(port === '' ? `${host}:80` : host)
    if (status !== 200) return response.writeHead(status).end()
    const { method, headers } = request
    const passed = http.request(
      { host: '127.0.0.1', port: new URL(to).port, path: `${pathname}${search}`, method, headers },
      (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 0, answer.headers)),
    )
    request.pipe(passed.on('error', () => response.destroy()))
  })
  server.on('connect', (request, client: Socket) => {
    asked.push(request.url ?? '')
    sockets.add(client.on('error', () => {}))
    if (status !== 200) return client.end(`HTTP/1.1 ${status} No\r\n\r\n`)
    const target = net.connect(Number(new URL(to).port), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      client.pipe(target).pipe(client)
    })
    sockets.add(target.on('error', () => client.destroy()))
    client.on('close', () => target.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
