import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface FileServer {
  /** `http://127.0.0.1:PORT`, or with https */
  url: string
  /** `GET /a.tar.gz`, in order. */
  requests: string[]
  close(): Promise<void>
}

/**
 * A web server on loopback.
 *
 * @param tls with which it speaks https
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
