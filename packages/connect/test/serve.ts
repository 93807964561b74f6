import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import http, { type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import https from 'node:https'
import net, { type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import tls from 'node:tls'
import type { SelfSignedCertificate } from '@hyperkit/connect'
import { createSelfSignedCertificate } from '@hyperkit/connect'

/** A server that is closed at the end of a test. */
export interface Served extends AsyncDisposable {
  url: string
  server: Server
}

export async function serveHttps(
  certificate: SelfSignedCertificate,
  listener: RequestListener,
  port = 0,
): Promise<Served> {
  const server = https.createServer(
    {
      key: certificate.key,
      cert: certificate.certificate,
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
      requestTimeout: 0,
    },
    listener,
  )
  return listen(server, 'https', port)
}

export function serveHttp(listener: RequestListener): Promise<Served> {
  return listen(http.createServer({ requestTimeout: 0 }, listener), 'http')
}

async function listen(server: Server, scheme: string, port = 0): Promise<Served> {
  const sockets = new Set<Socket>()
  for (const event of ['connection', 'secureConnection']) {
    server.on(event, (socket: Socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    })
  }
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Greets each client with the common name of its certificate. On Bun only the tls server provides it, not the https server. */
export function serveGreeting(certificate: SelfSignedCertificate): Promise<Served> {
  const server = tls.createServer(
    { key: certificate.key, cert: certificate.certificate, requestCert: true, rejectUnauthorized: false },
    (socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => {
        const text = `hello ${socket.getPeerCertificate().subject.CN}`
        socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\nconnection: close\r\n\r\n${text}`)
      })
    },
  )
  return listen(server as unknown as Server, 'https')
}

/** Accepts connections and reads nothing. It has no TLS, because Deno's TLS server does not stop reading when it is paused. */
export function serveSilence(): Promise<Served> {
  const server = net.createServer({ pauseOnConnect: true }, (socket) => socket.on('error', () => undefined))
  return listen(server as unknown as Server, 'http')
}

/** A proxy that tunnels, and records what it was asked for. */
export async function serveProxy(
  answer?: (asked: IncomingMessage) => number,
): Promise<Served & { asked: string[] }> {
  const asked: string[] = []
  const served = await serveHttp((_request, response) => response.writeHead(400).end())
  served.server.on('connect', (request: IncomingMessage, client: Socket) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim())
    const status = answer?.(request) ?? 200
    if (status !== 200) return client.end(`HTTP/1.1 ${status} No\r\n\r\n`)
    const [host = '', port = ''] = (request.url ?? '').split(':')
    const target = net.connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      client.pipe(target)
      target.pipe(client)
    })
    target.on('error', () => client.destroy())
    client.on('close', () => target.destroy())
  })
  return Object.assign(served, { asked })
}

export async function serveSocket(listener: RequestListener): Promise<{ path: string } & AsyncDisposable> {
  const folder = await mkdtemp(`${tmpdir()}/hyperkit-`)
  const path = `${folder}/unix.socket`
  const server = http.createServer(listener)
  server.listen(path)
  await once(server, 'listening')
  return {
    path,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections?.()
      await new Promise((resolve) => server.close(resolve))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export const certificateOf = (name: string): Promise<SelfSignedCertificate> =>
  createSelfSignedCertificate({ commonName: name })

/** Answers with a description of the request: method, path, headers, and number of bytes. */
export function echo(request: IncomingMessage, response: ServerResponse): void {
  let bytes = 0
  request.on('data', (piece: Uint8Array) => {
    bytes += piece.byteLength
  })
  request.on('end', () => {
    const peer = (
      request.socket as { getPeerCertificate?: () => { subject?: { CN?: string } } }
    ).getPeerCertificate?.()
    response.end(
      JSON.stringify({
        method: request.method,
        url: request.url,
        headers: request.headers,
        bytes,
        peer: peer?.subject?.CN,
        port: request.socket.remotePort,
      }),
    )
  })
}
