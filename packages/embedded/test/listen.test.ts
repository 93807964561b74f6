import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { request as requestHttps } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { createSelfSignedCertificate } from '@hyperkit/connect'
import { afterEach, describe, expect, test } from 'vitest'
import {
  closeWithoutAnswer,
  createImageServer,
  type ImageServer,
  type ImageServerOptions,
} from '../src/index.ts'
import { ask, settle, upload } from './ask.ts'
import { makeArchive } from './make-archive.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

function newServer(options: Partial<ImageServerOptions> = {}): ImageServer {
  const server = createImageServer({ dialect: 'lxd', ...options })
  open.push(() => server.close())
  return server
}

interface Sent {
  status: number
  headers: IncomingMessage['headers']
  text: string
  json: { metadata: { auth?: string; [key: string]: unknown }; error: string; operation: string }
}

/** Reads a whole answer; rejects if the connection ends without one, or in the middle of it. */
function finish(outgoing: ClientRequest, body?: Uint8Array | string): Promise<Sent> {
  return new Promise((resolve, reject) => {
    outgoing.once('error', reject)
    outgoing.once('response', (response) => {
      const chunks: Uint8Array[] = []
      response.on('data', (chunk: Uint8Array) => chunks.push(chunk))
      response.once('error', reject)
      response.once('close', () => (response.complete ? undefined : reject(new Error('cut off'))))
      response.once('end', () => {
        if (!response.complete) return
        const text = Buffer.concat(chunks).toString()
        const json =
          text !== '' && response.headers['content-type'] === 'application/json' ? JSON.parse(text) : {}
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json })
      })
    })
    outgoing.end(body)
  })
}

describe('a unix socket', () => {
  test('a unix socket gives full rights, and passes on names that URL parsers would collapse', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'embedded-'))
    open.push(() => rm(folder, { recursive: true }))
    const server = newServer()
    const { metadata } = await upload(server, await makeArchive())
    await ask(server, 'POST', '/1.0/images/aliases', { json: { name: '..', target: metadata.fingerprint } })
    const { socket, port, url } = await server.listen({ socket: join(folder, 'unix.socket') })
    expect([url, port]).toEqual(['http://unix.socket', 0])
    const get = (path: string) => finish(request({ socketPath: socket ?? '', path }))
    expect((await get('/1.0')).json.metadata.auth).toBe('trusted')
    expect((await get('/1.0/images/aliases/..')).json.metadata.name).toBe('..')
  })
})

describe('http', () => {
  test('plain http gives the rights of an untrusted client unless trust is set', async () => {
    const server = newServer()
    const closed = await server.listen({ http: {} })
    const trusted = await server.listen({ http: { trust: 'admin' } })
    expect((await finish(request(`${closed.url}/1.0`))).json.metadata.auth).toBe('untrusted')
    expect((await finish(request(`${trusted.url}/1.0`))).json.metadata.auth).toBe('trusted')
    const refused = await finish(
      request(`${closed.url}/1.0/images`, { method: 'POST' }),
      Buffer.alloc(300_000),
    )
    expect(refused.status).toBe(403)
  })

  test('a chunked upload without a length arrives, and one that breaks off leaves nothing behind', async () => {
    const server = newServer()
    const { url } = await server.listen({ http: { trust: 'admin' } })
    const archive = await makeArchive()
    const whole = await finish(request(`${url}/1.0/images`, { method: 'POST' }), archive)
    expect(whole.status).toBe(202)
    const cut = request(`${url}/1.0/images`, { method: 'POST', headers: { 'content-length': 1000 } })
    const ended = new Promise((resolve) => cut.once('error', resolve))
    cut.write(archive.subarray(0, 100), () => cut.destroy(new Error('cut by the client')))
    await ended
    const operations = (await ask(server, 'GET', '/1.0/operations')).metadata
    expect(Object.values(operations).flat()).toHaveLength(1)
  })

  test('the range error of LXD announces more bytes than it sends, so the answer breaks off', async () => {
    const server = newServer()
    const { metadata } = await upload(server, await makeArchive())
    const { url } = await server.listen({ http: { trust: 'admin' } })
    const headers = { range: 'bytes=999999-' }
    const answer = finish(request(`${url}/1.0/images/${metadata.fingerprint}/export`, { headers }))
    await expect(answer).rejects.toThrow(/cut off|aborted|reset|ECONNRESET/)
  })

  test('a HEAD request is answered as not implemented', async () => {
    const { url } = await newServer().listen({ http: {} })
    expect((await finish(request(`${url}/1.0`, { method: 'HEAD' }))).status).toBe(501)
  })

  test('a panic, a fault and a restart close connections without an answer', async () => {
    let dropping = false
    const server = newServer({
      faults: (_request, answer) => (dropping ? closeWithoutAnswer() : answer()),
    })
    const { url } = await server.listen({ http: { trust: 'admin' } })
    await expect(finish(request(`${url}/1.0/images`, { method: 'POST' }), '{}')).rejects.toThrow()
    dropping = true
    await expect(finish(request(`${url}/1.0`))).rejects.toThrow()
    dropping = false
    const { metadata } = await upload(server, await makeArchive())
    const token = await finish(
      request(`${url}/1.0/images/${metadata.fingerprint}/secret`, { method: 'POST' }),
    )
    const waiting = finish(request(`${url}${token.json.operation}/wait`))
    // The wait must have reached the server before the restart.
    await finish(request(`${url}/1.0`))
    const cut = expect(waiting).rejects.toThrow()
    await server.restart()
    await cut
    expect((await finish(request(`${url}/1.0/images`, { agent: false }))).status).toBe(200)
  })

  test('a fault can change an answer or cut off its body', async () => {
    const server = newServer({
      async faults(incoming, answer) {
        const response = await answer()
        if (!incoming.url.endsWith('/export') || response.body === null) return response
        const reader = response.body.getReader()
        const body = new ReadableStream<Uint8Array>({
          async pull(controller) {
            const { value } = await reader.read()
            controller.enqueue(value?.slice(0, 10) ?? new Uint8Array(1))
            controller.error(new Error('cut'))
          },
        })
        return new Response(body, { headers: response.headers })
      },
    })
    const { metadata } = await upload(server, await makeArchive())
    const { url } = await server.listen({ http: { trust: 'admin' } })
    await expect(finish(request(`${url}/1.0/images/${metadata.fingerprint}/export`))).rejects.toThrow()
  })
})

describe('https', () => {
  test('an https listener presents the certificate of GET /1.0, requests one of the client, and speaks only TLS 1.3', async () => {
    const server = newServer()
    const listening = await server.listen({ https: {} })
    const x509 = new X509Certificate(listening.certificate)
    expect(x509.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(listening.fingerprint)
    // Deno shortens the last one.
    const names = x509.subjectAltName?.replace('0:0:0:0:0:0:0:1', '::1')
    expect(names).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:::1')
    expect(x509.ca).toBe(false)
    const ca = listening.certificate
    const stranger = await finish(requestHttps(`${listening.url}/1.0`, { ca, agent: false }))
    expect(stranger.json.metadata.auth).toBe('untrusted')
    const { key, certificate: cert } = await createSelfSignedCertificate({ commonName: 'me' })
    const base64 = cert.replace(/-----[^-]*-----|\n/g, '')
    await ask(server, 'POST', '/1.0/certificates', {
      json: { type: 'client', name: 'me', certificate: base64 },
    })
    const known = await finish(requestHttps(`${listening.url}/1.0`, { ca, cert, key, agent: false }))
    expect(known.json.metadata.auth).toBe('trusted')
    expect(known.json.metadata.environment).toMatchObject({
      addresses: [`127.0.0.1:${listening.port}`],
      certificate: ca,
      certificate_fingerprint: listening.fingerprint,
    })
    const old = new Promise((resolve, reject) => {
      const socket = connect({ port: listening.port, host: '127.0.0.1', ca, maxVersion: 'TLSv1.2' }, () => {
        socket.destroy()
        reject(new Error('TLS 1.2 was accepted'))
      })
      socket.once('error', resolve)
    })
    await expect(old).resolves.toBeInstanceOf(Error)
  })

  test('an https listener accepts a given key and certificate', async () => {
    const { key, certificate: cert, fingerprint } = await createSelfSignedCertificate({ commonName: 'mine' })
    const listening = await newServer().listen({ https: { key, cert } })
    expect([listening.certificate, listening.fingerprint]).toEqual([cert, fingerprint])
    expect((await finish(requestHttps(`${listening.url}/`, { ca: cert, agent: false }))).status).toBe(200)
  })
})

test('closing a server ends pending requests, and close can be called twice', async () => {
  const server = createImageServer({ dialect: 'incus' })
  const { url, close } = await server.listen({ http: { trust: 'admin' } })
  const accepted = await ask(server, 'POST', '/1.0/images', { body: await makeArchive() })
  await settle(server, accepted)
  expect((await finish(request(`${url}/1.0`))).status).toBe(200)
  await close()
  await expect(finish(request(`${url}/1.0`))).rejects.toThrow()
  await server.close()
  await server.close()
})

describe('await using', () => {
  test('await using closes a server and its listener at the end of the block', async () => {
    let address = ''
    {
      await using server = createImageServer({ dialect: 'lxd' })
      await using listening = await server.listen({ http: { port: 0 } })
      address = listening.url
      expect((await fetch(`${address}/1.0`)).status).toBe(200)
    }
    await expect(fetch(`${address}/1.0`)).rejects.toThrow()
  })
})
