import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HyperkitError } from '@hyperkit/core'
import type { Address } from './read-address.ts'

export interface ServeStatusOptions {
  address: Address
  metrics(): string
  readiness(): { isReady: boolean; text: string }
}

/** The status pages of a watch, while they are served. */
export interface ServedStatus {
  /** `http://127.0.0.1:9464` */
  url: string
  /** Stops serving, and closes open connections too. */
  close(): Promise<void>
  /** As `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Serves `/healthz`, `/readyz` and `/metrics` over HTTP, for a supervisor and for Prometheus. They contain names of servers and
 * no secrets, and change nothing.
 *
 * @throws {HyperkitError} `invalid-argument` if the address cannot be listened on
 */
export async function serveStatus({ address, ...options }: ServeStatusOptions): Promise<ServedStatus> {
  const server = createServer((request, response) => answer(request, response, options))
  // No request to these pages takes long.
  server.requestTimeout = 10_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(refusal(address, cause)))
    server.listen(address.port, address.host, resolve)
  })
  const { port } = server.address() as AddressInfo
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return {
    url: `http://${address.host.includes(':') ? `[${address.host}]` : address.host}:${port}`,
    close,
    [Symbol.asyncDispose]: close,
  }
}

interface Answer {
  status: number
  text: string
  headers?: Record<string, string>
}

function answer(
  { method, url = '/' }: IncomingMessage,
  response: ServerResponse,
  options: Omit<ServeStatusOptions, 'address'>,
): void {
  const { status, text, headers } =
    method === 'GET' || method === 'HEAD'
      ? answerPath(url.split('?')[0] ?? '/', options)
      : { status: 405, text: 'Only GET and HEAD are allowed\n', headers: { allow: 'GET, HEAD' } }
  const always = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }
  response.writeHead(status, { ...always, ...headers })
  response.end(method === 'HEAD' ? undefined : text)
}

function answerPath(path: string, { metrics, readiness }: Omit<ServeStatusOptions, 'address'>): Answer {
  if (path === '/healthz') return { status: 200, text: 'alive\n' }
  if (path === '/metrics') {
    const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }
    return { status: 200, text: metrics(), headers }
  }
  if (path !== '/readyz') return { status: 404, text: 'Not found: try /healthz, /readyz or /metrics\n' }
  const { isReady, text } = readiness()
  return { status: isReady ? 200 : 503, text }
}

function refusal({ host, port }: Address, cause: NodeJS.ErrnoException): HyperkitError {
  const why =
    cause.code === 'EADDRINUSE'
      ? 'the address is already in use'
      : cause.code === 'EACCES'
        ? 'this user is not allowed to'
        : cause.message
  return new HyperkitError(
    'invalid-argument',
    `Cannot listen on "${host}:${port}": ${why}; choose another address with --listen, or turn it off with --no-listen`,
    { cause },
  )
}
