import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { ConnectionInfo } from '../trust/peer.ts'
import type { ListenOptions } from './listen-options.ts'

/** How the peer of a Node request is connected. */
export function connectionInfo(options: ListenOptions, request: IncomingMessage): ConnectionInfo {
  const target = request.url ?? '/'
  if ('socket' in options) return { transport: 'unix', target }
  const { remoteAddress = '', remotePort = 0 } = request.socket
  const address = `${remoteAddress}:${remotePort}`
  if ('http' in options) return { transport: 'http', trust: options.http.trust ?? 'none', address, target }
  const certificate = (request.socket as TLSSocket).getPeerCertificate?.()?.raw
  return {
    transport: 'https',
    address,
    target,
    ...(certificate === undefined ? {} : { clientCertificate: certificate }),
  }
}
