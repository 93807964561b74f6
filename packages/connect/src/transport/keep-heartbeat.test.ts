import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { keepHeartbeat } from './keep-heartbeat.ts'
import { messagesOf } from './open-messages.ts'

async function serve(autoPong: boolean): Promise<{ url: string; pings: () => number }> {
  let pings = 0
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong })
  server.on('connection', (socket) => socket.on('ping', () => pings++))
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate()
    server.close()
  })
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, pings: () => pings }
}

test('a WebSocket fails when its server does not answer a ping', async () => {
  const { url } = await serve(false)
  const socket = new WebSocket(url)
  const messages = await messagesOf(socket, undefined)
  keepHeartbeat(socket, 10)
  await expect(messages[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'ECONNRESET' })
})

test('a WebSocket stays open while its server answers pings', async () => {
  const { url, pings } = await serve(true)
  const socket = new WebSocket(url)
  await messagesOf(socket, undefined)
  keepHeartbeat(socket, 10)
  while (pings() < 10) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(socket.readyState).toBe(WebSocket.OPEN)
  socket.terminate()
})
