import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Server as NetServer, Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import type { ServerContext } from '../call/context.ts'
import { fingerprintOfCertificate } from '../trust/fingerprint-of-certificate.ts'
import type { ConnectionInfo } from '../trust/peer.ts'
import type { ListenOptions } from './listen-options.ts'
import { serveRequest } from './serve-request.ts'
import { serveUpgrade } from './serve-upgrade.ts'

/** Where a server listens, and what clients need to connect. */
export interface Listening {
  /** `https://127.0.0.1:38443`; `http://unix.socket` for a socket. */
  readonly url: string
  /** 0 for a socket. */
  readonly port: number
  readonly socket?: string
  /** The server's certificate, PEM. */
  readonly certificate: string
  /** SHA-256 of its DER, 64 hex. */
  readonly fingerprint: string
  /** Stops listening and closes open connections. */
  close(): Promise<void>
  /** Same as `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

type Answer = (request: Request, info: ConnectionInfo) => Promise<Response>

export async function startListening(
  context: ServerContext,
  options: ListenOptions,
  answer: Answer,
): Promise<Listening & { dropConnections(): void }> {
  const { server, listener } = createServers(context, options)
  const sockets = new Set<Socket>()
  const track = (socket: Socket): void => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  }
  listener.on('secureConnection', track)
  listener.on('connection', track)
  // The default of 300 s would answer 408 to a longer upload.
  server.requestTimeout = 0
  // As in Go: idle connections stay open, however late the client uses them again.
  server.keepAliveTimeout = 0
  server.on('request', (request, response) => void serveRequest(options, answer, request, response))
  const upgrades = serveUpgrade(context, options)
  server.on('upgrade', upgrades)
  await bind(listener, options)
  return describe(context, options, listener, sockets)
}

// 1 MiB of headers, as in the daemons.
const maxHeaderSize = 1024 * 1024

/** The server that speaks HTTP and the one that listens; the same one if the runtime's https server suffices. */
function createServers(
  { identity }: ServerContext,
  options: ListenOptions,
): { server: Server; listener: NetServer } {
  if (!('https' in options)) {
    const server = createHttpServer({ maxHeaderSize })
    return { server, listener: server }
  }
  const { key, cert } = options.https
  if (key !== undefined && cert !== undefined) {
    identity.key = key
    identity.certificate = cert
    identity.fingerprint = fingerprintOfCertificate(cert).fingerprint
  }
  const secured: TlsOptions = {
    key: identity.key,
    cert: identity.certificate,
    minVersion: 'TLSv1.3',
    ALPNProtocols: ['http/1.1'],
    requestCert: true,
    // A client with an unknown certificate is untrusted, and not refused.
    rejectUnauthorized: false,
  }
  if ('Bun' in globalThis) return createTlsFront(secured)
  const server = createHttpsServer({ ...secured, maxHeaderSize })
  server.on('tlsClientError', () => undefined)
  return { server, listener: server }
}

/**
 * TLS in front of a plain HTTP server, because the https server of Bun 1.4.5 does not report the client's certificate:
 * its sockets have no `getPeerCertificate`, those of its tls server do. Used only on Bun: Deno 2.9.5 closes a connection that
 * reached its HTTP server this way at the second request.
 */
function createTlsFront(secured: TlsOptions): { server: Server; listener: NetServer } {
  const server = createHttpServer({ maxHeaderSize })
  const listener = createTlsServer(secured, (socket) => {
    // Node's HTTP servers do this by themselves; otherwise each answer in two writes waits 40 ms for the peer's delayed ACK.
    socket.setNoDelay(true)
    // A peer that disconnects in the middle of a request is not an error of the server.
    socket.on('error', () => socket.destroy())
    server.emit('connection', socket)
  })
  listener.on('tlsClientError', () => undefined)
  return { server, listener }
}

function bind(server: NetServer, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    const done = (): void => {
      server.off('error', reject)
      resolve()
    }
    if ('socket' in options) server.listen(options.socket, done)
    else {
      const { host = '127.0.0.1', port = 0 } = 'http' in options ? options.http : options.https
      server.listen(port, host, done)
    }
  })
}

function describe(
  context: ServerContext,
  options: ListenOptions,
  server: NetServer,
  sockets: Set<Socket>,
): Listening & { dropConnections(): void } {
  const { certificate, fingerprint } = context.identity
  const { port = 0 } = 'socket' in options ? {} : (server.address() as AddressInfo)
  const authority = authorityOf(options, port)
  if ('https' in options) context.addresses.add(authority)
  const dropConnections = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const close = async (): Promise<void> => {
    context.addresses.delete(authority)
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    dropConnections()
    await closed
  }
  return {
    url: `${'https' in options ? 'https' : 'http'}://${authority}`,
    port,
    ...('socket' in options ? { socket: options.socket } : {}),
    certificate,
    fingerprint,
    dropConnections,
    close,
    [Symbol.asyncDispose]: close,
  }
}

function authorityOf(options: ListenOptions, port: number): string {
  if ('socket' in options) return 'unix.socket'
  const { host = '127.0.0.1' } = 'http' in options ? options.http : options.https
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}
