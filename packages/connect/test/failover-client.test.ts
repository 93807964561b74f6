import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import net, { type AddressInfo, type Socket } from 'node:net'
import { type AddressSwitch, type ConnectOptions, connect } from '@hyperkit/connect'
import type { Client } from '@hyperkit/core'
import { expect, onTestFinished, test } from 'vitest'
import { own, until } from './open-transport.ts'
import { serveHttps } from './serve.ts'

const envelope = (metadata: unknown): string =>
  JSON.stringify({ type: 'sync', status: 'Success', status_code: 200, operation: '', metadata })

const description = {
  api_extensions: [],
  api_status: 'stable',
  api_version: '1.0',
  auth: 'trusted',
  auth_methods: ['tls'],
  environment: { server: 'incus', server_version: '7.0.2', addresses: [] },
  config: {},
}

/** Answers as an Incus server without images. */
const answer: RequestListener = (request, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(envelope(request.url?.startsWith('/1.0/images') ? [] : description))
}

/** A member of a cluster, which notes the requests that it gets. */
async function member(
  listener: RequestListener = answer,
  certificate = own,
  port = 0,
): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = []
  const served = serveHttps(
    certificate,
    (request, response) => {
      asked.push(`${request.method} ${request.url}`)
      listener(request, response)
    },
    port,
  )
  return { url: (await until(served)).url, asked }
}

/** A host that is off, as a client sees it: no byte comes, and no refusal. */
async function poweredOff(): Promise<string> {
  const sockets = new Set<Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function open(url: string[], more: Partial<ConnectOptions> = {}): Promise<Client> {
  const options = { url, serverCertificate: own.fingerprint, environment: {}, ...more }
  const client = await connect(options as ConnectOptions)
  onTestFinished(() => client[Symbol.asyncDispose]())
  return client
}

test('the first call of a client uses the next address if the host of the first is off', async () => {
  const [off, b] = [await poweredOff(), await member()]
  const switches: AddressSwitch[] = []
  const client = await open([off, b.url], { onSwitch: (change) => switches.push(change) })
  expect(await client.server()).toMatchObject({ version: '7.0.2' })
  expect(switches).toMatchObject([{ from: off, to: b.url, reason: 'no connection within 2 s' }])
  expect(b.asked).toEqual(['GET /1.0'])
})
