import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { createTransport, type TransportOptions } from '@hyperkit/connect'
import { CertificateChangedError } from '@hyperkit/core'
import type { MessageStream } from '@hyperkit/core/parts'
import { expect, onTestFinished, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { certificateOf } from './serve.ts'

const own = await certificateOf('server')
const other = await certificateOf('other')

async function serve(
  server: http.Server,
  at: string | number,
  onSocket: (socket: WebSocket) => void,
): Promise<void> {
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', onSocket)
  if (typeof at === 'string') server.listen(at)
  else server.listen(at, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate()
    sockets.close()
    server.close()
  })
}

async function serveSecure(onSocket: (socket: WebSocket) => void): Promise<string> {
  const server = https.createServer({ key: own.key, cert: own.certificate })
  await serve(server, 0, onSocket)
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function listen(options: TransportOptions, signal?: AbortSignal): Promise<MessageStream> {
  const transport = await createTransport({ environment: {}, ...options } as TransportOptions)
  onTestFinished(() => transport.close?.())
  if (!transport.openMessages) throw new Error('this transport has no WebSocket')
  return transport.openMessages('/1.0/events?type=operation', { signal })
}

async function read(stream: MessageStream): Promise<string[]> {
  const messages: string[] = []
  for await (const message of stream) messages.push(message)
  return messages
}

const greet = (socket: WebSocket): void => {
  socket.send('one')
  socket.send('two')
  socket.close(1000)
}

test('messages arrive in order over TLS with a pinned certificate, then the stream ends', async () => {
  const url = await serveSecure(greet)
  expect(await read(await listen({ url, serverCertificate: own.fingerprint }))).toEqual(['one', 'two'])
})

test('messages arrive over a unix socket', async () => {
  const folder = await mkdtemp(`${tmpdir()}/hyperkit-`)
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await serve(http.createServer(), `${folder}/unix.socket`, greet)
  expect(await read(await listen({ socket: `${folder}/unix.socket` }))).toEqual(['one', 'two'])
})

test('a certificate other than the pinned one is an error for a WebSocket too', async () => {
  let connections = 0
  const url = await serveSecure(() => connections++)
  await expect(listen({ url, serverCertificate: other.fingerprint })).rejects.toBeInstanceOf(
    CertificateChangedError,
  )
  await expect(listen({ url, serverCertificate: other.certificate })).rejects.toBeInstanceOf(
    CertificateChangedError,
  )
  await expect(listen({ url })).rejects.toThrow()
  expect(connections).toBe(0)
})

test('a WebSocket whose connection breaks fails instead of ending', async () => {
  const url = await serveSecure((socket) => socket.send('one', () => socket.terminate()))
  await expect(listen({ url, serverCertificate: own.certificate }).then(read)).rejects.toThrow()
})

test('an abort ends the loop over the messages with its reason', async () => {
  const url = await serveSecure((socket) => socket.send('one'))
  const controller = new AbortController()
  const reason = new Error('enough')
  const stream = await listen({ url, serverCertificate: own.certificate }, controller.signal)
  const reading = (async () => {
    for await (const _message of stream) controller.abort(reason)
  })()
  await expect(reading).rejects.toBe(reason)
})

test('a refused WebSocket is an error', async () => {
  const server = https.createServer({ key: own.key, cert: own.certificate })
  server.on('upgrade', (_request, socket) => {
    const body = '{"type":"error","error":"not authorized","error_code":403}'
    socket.end(
      `HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  await expect(listen({ url, serverCertificate: own.certificate })).rejects.toThrow(/403/)
})
