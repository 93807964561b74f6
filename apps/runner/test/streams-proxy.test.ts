import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  makeSplitImage,
  type ServedProxy,
  type Simplestreams,
  serveProxy,
  startSimplestreams,
} from '@hyperkit/conformance'
import { createSelfSignedCertificate } from '@hyperkit/connect'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { openEmbedded, writeRemotes } from './open-remotes.ts'
import { type Ended, runHyperkit } from './start-command.ts'

// Two host names that only the proxy can resolve, as in a company's network.
const [own, mirror] = ['streams.test', 'mirror.test']
const images = { incus: 'images.linuxcontainers.org', lxd: 'images.lxd.canonical.com' }
const cwd = mkdtempSync(join(tmpdir(), 'hk-proxy-'))
const authority = join(cwd, 'authority.crt')
let below: Simplestreams
let web: ReturnType<typeof createServer>
let proxy: ServedProxy
let certificate = ''
let fingerprint = ''

beforeAll(async () => {
  const image = await makeSplitImage({ directory: cwd, name: 'proxied', seed: 'proxied' })
  fingerprint = image.fingerprint
  below = await startSimplestreams({
    directory: cwd,
    images: [{ os: 'Tiny', release: 'edge', aliases: ['tiny/edge'], image }],
  })
  const made = await createSelfSignedCertificate({
    commonName: own,
    hosts: [own, mirror, ...Object.values(images)],
  })
  certificate = made.certificate
  writeFileSync(authority, certificate)
  web = createServer({ cert: certificate, key: made.key }, async (request, response) => {
    const { url = '', headers } = request
    if (url.startsWith('/moved/')) {
      response.writeHead(302, { location: `https://${mirror}${url.slice('/moved'.length)}` }).end()
      return
    }
    if (url.startsWith('/plain/')) {
      response.writeHead(302, { location: `http://${headers.host}${url.slice('/plain'.length)}` }).end()
      return
    }
    const answer = await fetch(`${below.url}${url}`)
    response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()))
  })
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
})
beforeEach(async () => {
  proxy = await serveProxy(`https://127.0.0.1:${(web.address() as AddressInfo).port}`)
  onTestFinished(() => proxy.close())
})
afterAll(async () => {
  web.closeAllConnections()
  await new Promise((resolve) => web.close(resolve))
  await below.stop()
  rmSync(cwd, { recursive: true, force: true })
})

/** Lists the images of a remote with this address, whose certificate is trusted by the system or by its pin. */
function list(
  address: string,
  variables: Record<string, string>,
  trusted: 'by the system' | 'by its pin' = 'by the system',
): Promise<Ended> {
  const folder = mkdtempSync(join(cwd, 'incus-'))
  mkdirSync(join(folder, 'servercerts'))
  writeFileSync(
    join(folder, 'config.yml'),
    `remotes:\n  far: {addr: "${address}", protocol: simplestreams, public: true}\n`,
  )
  if (trusted === 'by its pin') writeFileSync(join(folder, 'servercerts/far.crt'), certificate)
  const trust = trusted === 'by the system' ? { NODE_EXTRA_CA_CERTS: authority } : {}
  const folders = { HOME: cwd, INCUS_CONF: folder, LXD_CONF: join(cwd, 'none') }
  // Deno checks for a new version of itself, and the proxy sees this request.
  const environment = { ...folders, DENO_NO_UPDATE_CHECK: '1', ...trust, ...variables }
  return runHyperkit(['list', 'far:', '--json'], { cwd, environment })
}

test.for([
  ['HTTPS_PROXY', 'by the system'],
  ['https_proxy', 'by the system'],
  ['ALL_PROXY', 'by the system'],
  ['all_proxy', 'by the system'],
  ['HTTPS_PROXY', 'by its pin'],
  ['ALL_PROXY', 'by its pin'],
] as const)(
  'the proxy in %s is used for a simplestreams remote that is trusted %s',
  async ([variable, trusted]) => {
    const { code, stdout, stderr } = await list(`https://${own}`, { [variable]: proxy.url }, trusted)
    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toMatchObject([{ fingerprint }])
    expect(new Set(proxy.asked)).toEqual(new Set([`${own}:443`]))
  },
)

test('a redirect of a simplestreams remote is followed through the proxy', async () => {
  const { code, stdout } = await list(`https://${own}/moved`, { HTTPS_PROXY: proxy.url })
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject([{ fingerprint }])
  expect(new Set(proxy.asked)).toEqual(new Set([`${own}:443`, `${mirror}:443`]))
  const plain = await list(`https://${own}/plain`, { HTTPS_PROXY: proxy.url })
  expect([plain.code, plain.stderr]).toEqual([
    1,
    expect.stringMatching(/anybody on the network path can change/),
  ])
})

test('NO_PROXY applies to a simplestreams remote, and loopback never uses a proxy', async () => {
  for (const variable of ['NO_PROXY', 'no_proxy']) {
    const { code, stderr } = await list(`https://${own}`, { HTTPS_PROXY: proxy.url, [variable]: '.test' })
    expect([code, stderr]).toEqual([1, expect.stringContaining('Cannot')])
  }
  const port = (web.address() as AddressInfo).port
  const here = await list(`https://localhost:${port}`, { HTTPS_PROXY: proxy.url, ALL_PROXY: proxy.url })
  expect([here.code, here.stderr]).toEqual([0, ''])
  expect(proxy.asked).toEqual([])
})

test.for(['by the system', 'by its pin'] as const)(
  'the error of a remote that is trusted %s names a proxy that is dead or refuses',
  async (trusted) => {
    const refusing = await serveProxy('https://127.0.0.1:1', 403)
    onTestFinished(() => refusing.close())
    const dead = await serveProxy('https://127.0.0.1:1')
    await dead.close()
    for (const { url } of [refusing, dead]) {
      const { code, stderr } = await list(`https://${own}`, { HTTPS_PROXY: url }, trusted)
      const { host } = new URL(url)
      expect([code, stderr]).toEqual([1, expect.stringMatching(new RegExp(`cannot be reached .*"${host}"`))])
    }
  },
)

test.for(['lxd', 'incus'] as const)(
  'if both clients are configured, images: means the image server for a target of kind %s, and that is reported',
  async (dialect) => {
    const server = await openEmbedded({ dialect })
    onTestFinished(() => server.close())
    const folder = mkdtempSync(join(cwd, 'both-'))
    const { environment } = writeRemotes(folder, { to: server }, {})
    const { INCUS_CONF: ofIncus = '', LXD_CONF: ofLxd = '' } = environment
    appendFileSync(
      join(ofIncus, 'config.yml'),
      `  images: {addr: "https://${images.incus}", protocol: simplestreams, public: true}\n`,
    )
    mkdirSync(ofLxd)
    writeFileSync(join(ofLxd, 'config.yml'), 'remotes: {}\n')
    const copy = (source: string, variables: Record<string, string> = {}): Promise<Ended> =>
      runHyperkit(['copy', source, 'to:', '--mode', 'relay'], {
        cwd,
        environment: {
          ...environment,
          DENO_NO_UPDATE_CHECK: '1',
          NODE_EXTRA_CA_CERTS: authority,
          HTTPS_PROXY: proxy.url,
          ...variables,
        },
      })
    const { code, stderr } = await copy('images:tiny/edge')
    const client = dialect === 'lxd' ? 'lxc' : 'incus'
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining(`"images" means ${client}:images (https://${images[dialect]}), not`),
    ])
    expect(new Set(proxy.asked)).toEqual(new Set([`${images[dialect]}:443`]))
    // If the user names the client, nothing is reported.
    const other = dialect === 'lxd' ? 'incus' : 'lxd'
    const said = await copy(`${other === 'lxd' ? 'lxc' : 'incus'}:images:tiny/edge`)
    expect([said.code, said.stderr]).toEqual([0, expect.not.stringContaining('"images" means')])
    expect(proxy.asked.at(-1)).toBe(`${images[other]}:443`)
  },
)
