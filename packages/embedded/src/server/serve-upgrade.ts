import type { IncomingMessage } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { errorBody } from '../answer/envelope.ts'
import { Failure } from '../answer/failure.ts'
import type { ServerContext } from '../call/context.ts'
import { readSubscription } from '../handlers/events/read-subscription.ts'
import { identifyPeer } from '../trust/peer.ts'
import { connectionInfo } from './connection-info.ts'
import type { ListenOptions } from './listen-options.ts'

/** The WebSocket of `/1.0/events`. */
export function serveUpgrade(
  context: ServerContext,
  options: ListenOptions,
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  return (request, socket, head) => {
    try {
      const info = connectionInfo(options, request)
      const target = new URL(info.target ?? '/', 'http://server')
      const query = target.searchParams.get('access_token')
      const peer = identifyPeer(context, info, { header: request.headers.authorization, query })
      const wanted = readSubscription(context, peer, target)
      sockets.handleUpgrade(request, socket, head, (client) => subscribe(context, client, wanted))
    } catch (error) {
      refuse(socket, error instanceof Failure ? error : new Failure(500, String(error)))
    }
  }
}

function subscribe(
  { events }: ServerContext,
  client: WebSocket,
  wanted: { types: ReadonlySet<string>; project: string | undefined },
): void {
  const unsubscribe = events.subscribe({
    ...wanted,
    send: (frame) => client.send(frame),
    end: () => client.close(),
  })
  client.on('close', unsubscribe)
  client.on('error', unsubscribe)
}

function refuse(socket: Duplex, { status, message }: Failure): void {
  const body = errorBody(status, message)
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}
