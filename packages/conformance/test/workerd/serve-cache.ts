import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface CacheService {
  /** `127.0.0.1:PORT` */
  address: string
  /** The cached HTTP answers by URL. */
  kept: Map<string, Buffer>
  /** Answers every PUT with 413 without reading it, as if it were too big. */
  refuse: boolean
  close(): Promise<void>
}

/**
 * The service behind `caches.default` of a workerd with `cacheApiOutbound`: a GET reads, with `cf-cache-status` in the answer,
 * and a PUT stores the HTTP answer in its body.
 */
export async function serveCache(): Promise<CacheService> {
  const kept = new Map<string, Buffer>()
  const service: CacheService = { address: '', kept, refuse: false, close: async () => undefined }
  const server = http.createServer((request, response) => {
    const url = `http://${request.headers.host}${new URL(request.url ?? '', 'http://cache').pathname}`
    if (request.method === 'PUT') store(service, url, request, response)
    else give(kept.get(url), response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  service.address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  service.close = async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  return service
}

function store(service: CacheService, url: string, request: IncomingMessage, response: ServerResponse): void {
  if (service.refuse) {
    response.writeHead(413).end()
    return
  }
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('error', () => undefined)
  request.on('end', () => {
    service.kept.set(url, Buffer.concat(pieces))
    response.writeHead(204).end()
  })
}

function give(message: Buffer | undefined, response: ServerResponse): void {
  if (message === undefined) {
    response.writeHead(504, { 'cf-cache-status': 'MISS' }).end()
    return
  }
  const end = message.indexOf('\r\n\r\n')
  const lines = message.subarray(0, end).toString().split('\r\n').slice(1)
  const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/).slice(0, 2)))
  const body = message.subarray(end + 4)
  response.writeHead(200, { ...headers, 'cf-cache-status': 'HIT' }).end(body)
}
