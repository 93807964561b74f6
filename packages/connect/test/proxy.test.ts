import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { SelfSignedCertificate } from '@hyperkit/connect'
import { createTransport, type Environment } from '@hyperkit/connect'
import { CertificateChangedError, createClient, isHyperkitError } from '@hyperkit/core'
import { afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { openTunnel } from '../src/transport/open-tunnel.ts'
import { certificateOf, echo, serveHttp, serveHttps, serveProxy } from './serve.ts'

let own: SelfSignedCertificate
let mine: SelfSignedCertificate
beforeAll(async () => {
  ;[own, mine] = await Promise.all([certificateOf('server'), certificateOf('client')])
})
afterEach(() => vi.unstubAllEnvs())

async function setUp(
  answer?: () => number,
): Promise<{ url: string; proxy: { url: string; asked: string[] } }> {
  const served = await serveHttps(own, echo)
  const proxy = await serveProxy(answer)
  onTestFinished(async () => {
    await served[Symbol.asyncDispose]()
    await proxy[Symbol.asyncDispose]()
  })
  return { url: served.url, proxy }
}

async function ask(
  url: string,
  more: { proxy?: string | false; environment?: Environment; serverCertificate?: string },
): Promise<Response> {
  const transport = await createTransport({
    url,
    serverCertificate: own.fingerprint,
    clientCertificate: { cert: mine.certificate, key: mine.key },
    ...more,
  })
  onTestFinished(() => transport.close?.())
  return transport.fetch(`${transport.origin}/1.0`, { redirect: 'error' })
}

test('a proxy is used as a tunnel, with its user name and password, and a pin is checked through it', async () => {
  const { url, proxy } = await setUp()
  const address = proxy.url.replace('//', '//user:p%40ss@')
  expect((await ask(url, { proxy: address, environment: {} })).status).toBe(200)
  const basic = `Basic ${btoa('user:p@ss')}`
  expect(new Set(proxy.asked)).toEqual(new Set([`${new URL(url).host} ${basic}`]))
  await expect(
    ask(url, { proxy: address, environment: {}, serverCertificate: mine.fingerprint }),
  ).rejects.toBeInstanceOf(CertificateChangedError)
})

test('a proxy variable is never used for a loopback address, even if the runtime would use it', async () => {
  const { url, proxy } = await setUp()
  // Bun's fetch reads the environment of the process, not the one that is passed.
  for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy']) vi.stubEnv(name, proxy.url)
  const transport = await createTransport({ url, serverCertificate: own.fingerprint })
  onTestFinished(() => transport.close?.())
  const answer = await transport.fetch(`${transport.origin}/1.0`, { redirect: 'error' })
  expect(await answer.json()).toMatchObject({ url: '/1.0' })
  expect(proxy.asked).toEqual([])
})

test('the error of a proxy that refuses or does not run names the proxy', async () => {
  const { url, proxy } = await setUp(() => 403)
  const dead = await serveProxy()
  await dead[Symbol.asyncDispose]()
  for (const address of [proxy.url, dead.url]) {
    const transport = await createTransport({
      url,
      serverCertificate: own.certificate,
      proxy: address,
      environment: {},
    })
    onTestFinished(() => transport.close?.())
    const error = await createClient({ transport })
      .images.list()
      .catch((reason: unknown) => reason)
    expect(isHyperkitError(error, 'unreachable')).toBe(true)
    expect((error as Error).message).toContain(`proxy "${new URL(address).host}"`)
    const unheard = await createClient({ transport })
      .events()
      .next()
      .catch((reason: unknown) => reason)
    expect(isHyperkitError(unheard, 'unreachable')).toBe(true)
    expect((unheard as Error).message).toContain(`proxy "${new URL(address).host}"`)
  }
})

test('a proxy of an unsupported kind is refused before anything is sent, with the name of its variable', async () => {
  const environment = { ALL_PROXY: 'socks5://127.0.0.1:1080' }
  const error = await createTransport({ url: 'https://10.1.0.7:8443', environment }).catch(
    (reason: unknown) => reason,
  )
  expect(isHyperkitError(error, 'unsupported')).toBe(true)
  expect((error as Error).message).toMatch(/ALL_PROXY.*NO_PROXY/)
})

test('an abort ends the attempt to connect through a proxy that never answers, and its connection', async () => {
  const proxy = await serveHttp(() => undefined)
  onTestFinished(() => proxy[Symbol.asyncDispose]())
  const asked = new Promise<Socket>((resolve) => {
    proxy.server.on('connect', (_request: IncomingMessage, client: Socket) => resolve(client))
  })
  const controller = new AbortController()
  const attempt = openTunnel(new URL(proxy.url), 'far.example', 8443, controller.signal)
  const client = await asked
  const ended = new Promise((resolve) => client.once('end', resolve).once('close', resolve))
  client.on('error', () => undefined).resume()
  controller.abort(new Error('enough'))
  await expect(attempt).rejects.toThrow('enough')
  await ended
  client.destroy()
})
