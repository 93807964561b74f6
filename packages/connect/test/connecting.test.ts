import http from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { limitConnecting } from '../src/transport/limit-connecting.ts'
import { serveHttp } from './serve.ts'

afterEach(() => void vi.useRealTimers())

/** A server that accepts connections and never says a word. */
async function serveSilence(): Promise<number> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

test('a TLS handshake that is never answered ends the request after the limit', async () => {
  const request = https.request({ host: '127.0.0.1', port: await serveSilence(), agent: new https.Agent() })
  request.on('error', () => undefined)
  const error = await new Promise((resolve) => limitConnecting(request, true, 30, resolve))
  request.destroy()
  expect(error).toMatchObject({ code: 'ETIMEDOUT', message: 'no connection within 0.03 s' })
})

test('a connection that is made has no limit any more, however long its answer takes', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  let ask: (response: http.ServerResponse) => void = () => undefined
  const asked = new Promise<http.ServerResponse>((resolve) => {
    ask = resolve
  })
  const served = await serveHttp((_request, response) => ask(response))
  onTestFinished(() => served[Symbol.asyncDispose]())
  const request = http.request(served.url, { agent: new http.Agent() })
  limitConnecting(request, false, 30, (error) => request.destroy(error))
  const answered = new Promise<http.IncomingMessage>((resolve) => request.on('response', resolve))
  request.end()
  const response = await asked
  vi.advanceTimersByTime(1000)
  response.end()
  expect((await answered).statusCode).toBe(200)
})
