import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttp, type RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ServedProxy, serveProxy } from '@hyperkit/conformance'
import { createSelfSignedCertificate } from '@hyperkit/connect'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { type Ended, runCommand } from './start-command.ts'

/** A host name that only the proxy can resolve, as in a company's network. */
const host = 'hooks.test'
const cwd = mkdtempSync(join(tmpdir(), 'hk-hook-'))
const authority = join(cwd, 'authority.crt')
const received: { url: string | undefined; headers: Record<string, unknown>; body: string }[] = []
let it: OpenServer
let web: ReturnType<typeof createServer>
let plain: ReturnType<typeof createHttp>
let proxy: ServedProxy

beforeAll(async () => {
  it = await openEmbedded(cwd, { dialect: 'incus' })
  makeImage(join(cwd, 'a.tar.gz'), 'a')
  const { certificate, key } = await createSelfSignedCertificate({ commonName: host, hosts: [host] })
  writeFileSync(authority, certificate)
  const take: RequestListener = async (request, response) => {
    let body = ''
    for await (const piece of request.setEncoding('utf8')) body += piece
    received.push({ url: request.url, headers: request.headers, body })
    if (request.url === '/moved') response.writeHead(307, { location: `https://${host}/hook` }).end()
    else response.writeHead(204).end()
  }
  web = createServer({ cert: certificate, key }, take)
  plain = createHttp(take)
  for (const server of [web, plain])
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
beforeEach(async () => {
  received.length = 0
  for (const { fingerprint } of await it.client.images.list()) await it.client.images.delete(fingerprint)
  proxy = await serveProxy(`https://127.0.0.1:${(web.address() as AddressInfo).port}`)
  onTestFinished(() => proxy.close())
})
afterAll(async () => {
  for (const server of [web, plain]) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  await it.close()
  rmSync(cwd, { recursive: true, force: true })
})

/** Applies a manifest whose webhook has this address. */
function apply(url: string, variables: Record<string, string>): Promise<Ended> {
  writeFileSync(
    join(cwd, 'images.yaml'),
    `version: 1\nname: hooked\nservers: { it: ${it.yaml} }\nimages: [{ name: web, source: { file: a.tar.gz } }]\n` +
      `notify: { webhook: { url: "${url}", headers: { Authorization: Bearer x } }, on: [always] }\n`,
  )
  // Deno checks for a new version of itself, and the proxy sees this request.
  const environment = { DENO_NO_UPDATE_CHECK: '1', NODE_EXTRA_CA_CERTS: authority, ...variables }
  return runCommand(['apply', '--yes', '--progress', 'none'], { cwd, environment })
}

test.for(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'])(
  'a webhook gets the report through the proxy of %s',
  async (variable) => {
    expect(await apply(`https://${host}/hook`, { [variable]: proxy.url })).toMatchObject({
      code: 0,
      stderr: '',
    })
    expect(proxy.asked).toEqual([`${host}:443`])
    expect(received).toMatchObject([
      { url: '/hook', headers: { authorization: 'Bearer x', 'content-type': 'application/json' } },
    ])
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({ format: 'hyperkit-report' })
  },
)

test('a webhook is not redirected to another address, even through a proxy', async () => {
  const { code, stderr } = await apply(`https://${host}/moved`, { HTTPS_PROXY: proxy.url })
  expect([code, stderr]).toEqual([
    0,
    expect.stringContaining(`Cannot notify "https://${host}": the web server answered with status 307`),
  ])
  expect(received.map(({ url }) => url)).toEqual(['/moved'])
})

test('a webhook on this machine or named in NO_PROXY is sent without the proxy', async () => {
  const port = (plain.address() as AddressInfo).port
  const both = { HTTP_PROXY: proxy.url, ALL_PROXY: proxy.url }
  expect(await apply(`http://127.0.0.1:${port}/here`, both)).toMatchObject({ code: 0, stderr: '' })
  expect(received.map(({ url }) => url)).toEqual(['/here'])
  const { code, stderr } = await apply(`https://${host}/hook`, { HTTPS_PROXY: proxy.url, NO_PROXY: '.test' })
  expect([code, stderr]).toEqual([0, expect.stringContaining(`Cannot notify "https://${host}": `)])
  expect(proxy.asked).toEqual([])
})

test('the error of a proxy that is dead, refuses or is unsupported names the proxy without the rest of its address', async () => {
  const refusing = await serveProxy('https://127.0.0.1:1', 403)
  onTestFinished(() => refusing.close())
  const dead = await serveProxy('https://127.0.0.1:1')
  await dead.close()
  for (const { url } of [refusing, dead]) {
    const { code, stderr } = await apply(`https://${host}/s3cr3t`, { HTTPS_PROXY: url })
    const name = new URL(url).host
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(new RegExp(`^Cannot notify "https://${host}": .*"${name}"`)),
    ])
    expect(stderr).not.toContain('s3cr3t')
  }
  const socks = await apply(`https://${host}/hook`, { ALL_PROXY: 'socks5://127.0.0.1:1' })
  expect([socks.code, socks.stderr]).toEqual([
    0,
    expect.stringMatching(/Cannot notify .*variable ALL_PROXY: "socks5:" proxies are not supported/),
  ])
})
