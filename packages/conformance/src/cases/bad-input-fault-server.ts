import type { IncomingMessage, ServerResponse } from 'node:http'
import { createTransport } from '@hyperkit/connect'
import { type Client, createClient } from '@hyperkit/core'
import type { CaseContext } from '../harness/case-context.ts'
import { listenLoopback } from '../servers/listen-loopback.ts'

export interface FaultServer {
  client: Client
  /** The server's name in errors. */
  name: string
  /** The requests in order, such as `GET /1.0/images`, without `GET /1.0`. */
  requests: string[]
}

/**
 * A server that answers `GET /1.0` as the target does, and everything else as the case needs.
 *
 * @param answer returns nothing for requests that do not concern the case: they answer "not found"
 */
export async function startFaultServer(
  { socketClient, cleanup }: CaseContext,
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<FaultServer> {
  const { metadata } = await socketClient.request({ method: 'GET', path: '/1.0' })
  const requests: string[] = []
  const server = await listenLoopback((request, response) => {
    if (request.url === '/1.0') return sendJson(response, 200, { type: 'sync', metadata })
    requests.push(`${request.method} ${request.url}`)
    answer(request, response)
  })
  cleanup(() => server.stop())
  const name = 'faulty'
  const transport = await createTransport({ url: server.url, name })
  cleanup(() => transport.close?.())
  return { client: createClient({ transport }), name, requests }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

export function sendFailure(response: ServerResponse, status: number, error: string): void {
  sendJson(response, status, { type: 'error', error_code: status, error, metadata: null })
}
