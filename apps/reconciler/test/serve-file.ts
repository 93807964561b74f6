import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface FileServer {
  /** `http://127.0.0.1:PORT` or `https://127.0.0.1:PORT` */
  url: string
  /** The requests in their order, such as `GET /a.tar.gz`. */
  requests: string[]
  close(): Promise<void>
}

/**
 * Starts a web server on loopback.
 *
 * @param tls certificate and key for https; without it the server uses http
 */
export async function serveFiles(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  tls?: { certificate: string; key: string },
): Promise<FileServer> {
  const requests: string[] = []
  const listen = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push(`${request.method} ${request.url}`)
    answer(request, response)
  }
  const server = tls
    ? createSecureServer({ cert: tls.certificate, key: tls.key }, listen)
    : createServer(listen)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
