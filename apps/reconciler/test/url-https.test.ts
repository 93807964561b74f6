import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { createSelfSignedCertificate } from '@hyperkit/connect'
import { fingerprintOf } from '@hyperkit/files'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import type { OpenServer } from './open-server.ts'
import { type FileServer, serveFiles } from './serve-file.ts'
import { serverTargets } from './server-targets.ts'
import { type Started, startCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-url-https-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

/** Answers a request for the whole image or for the rest of it. */
type Answer = (response: ServerResponse, bytes: Buffer, range: string | undefined) => void

describe.each(serverTargets(cwd))('an image of an https server, for %s', (_, open) => {
  let server: OpenServer
  let web: FileServer
  let plain: FileServer
  let id = ''
  let file = ''
  let fingerprint = ''
  let answer: Answer
  const authority = join(cwd, 'authority.crt')

  const whole: Answer = (response, bytes) =>
    void response.writeHead(200, { 'content-length': bytes.length }).end(bytes)

  beforeAll(async () => {
    if (open !== undefined) server = await open()
  })
  afterAll(async () => {
    if (open === undefined) return
    for (const { fingerprint: each, properties } of await server.client.images.list())
      if (/^h[0-9a-f]{8}$/.test(properties['hyperkit.manifest'] ?? ''))
        await server.client.images.delete(each)
    await server.close()
  })
  beforeEach(async (context) => {
    if (open === undefined) context.skip('HYPERKIT_SERVERS names no such server')
    id = `h${randomUUID().slice(0, 8)}`
    file = join(cwd, `${id}.tar.gz`)
    // Larger than one chunk.
    makeImage(file, `${id} ${randomBytes(600_000).toString('base64')}`)
    fingerprint = (await fingerprintOf(file)).fingerprint
    answer = whole
    const made = await createSelfSignedCertificate({ commonName: 'files' })
    writeFileSync(authority, made.certificate)
    plain = await serveFiles((_request, response) => whole(response, readFileSync(file), undefined))
    web = await serveFiles((request, response) => {
      const { method, url, headers } = request
      const bytes = readFileSync(file)
      const isPlain = url === '/to-plain'
      if (isPlain || url === '/moved')
        response.writeHead(302, { location: isPlain ? `${plain.url}/a.tar.gz` : '/a.tar.gz' }).end()
      else if (url !== '/a.tar.gz') response.writeHead(404).end()
      else if (method === 'HEAD') response.writeHead(200, { 'content-length': bytes.length }).end()
      else answer(response, bytes, headers.range)
    }, made)
  })
  afterEach(async () => {
    await web?.close()
    await plain?.close()
  })

  const apply = (source: string, environment: Record<string, string> = {}): Promise<Started> => {
    const manifest = join(cwd, `${id}.yaml`)
    const given = source.replace('WEB', web.url)
    writeFileSync(
      manifest,
      `version: 1\nname: ${id}\nservers: { it: ${server.yaml} }\nimages:\n  - { name: ${id}, source: { ${given} } }\n`,
    )
    return startCommand(['apply', '--yes', manifest], {
      cwd,
      environment: { XDG_CACHE_HOME: join(cwd, 'cache'), NODE_EXTRA_CA_CERTS: authority, ...environment },
    })
  }
  const there = () => server.client.images.find(fingerprint)
  const downloads = join(cwd, 'cache', 'hyperkit', 'downloads')
  const kept = (): string[] => (existsSync(downloads) ? readdirSync(downloads) : [])
  /** Closes the connection once this many bytes are in the file, because a runtime can drop bytes that it has not passed on yet. */
  const cutOff = async (response: ServerResponse, arrived: number): Promise<void> => {
    const sizeOf = (name: string) => statSync(join(downloads, name), { throwIfNoEntry: false })?.size ?? 0
    while (!kept().some((name) => sizeOf(name) >= arrived)) await delay(10)
    response.destroy()
  }

  test('an image behind an unknown certificate reaches no server, and the error says how to trust it', async () => {
    const started = await apply(`url: "WEB/a.tar.gz", sha256: ${fingerprint}`, { NODE_EXTRA_CA_CERTS: '' })
    const { code, stdout } = await started.ended
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /failed +download image .*: Cannot download "https:\S+": its certificate is not trusted \(.+\); .* set NODE_EXTRA_CA_CERTS to .*\n/,
    )
    expect(web.requests).toEqual([])
    expect(await there()).toBeUndefined()
  })

  test('an image is downloaded if NODE_EXTRA_CA_CERTS names the signer, even after a redirect to https', async () => {
    const { code, stderr } = await (await apply(`url: "WEB/moved", sha256: ${fingerprint}`)).ended
    expect([code, stderr]).toEqual([0, expect.anything()])
    expect((await server.client.aliases.get(id)).target).toBe(fingerprint)
    expect(web.requests).toEqual(['HEAD /moved', 'HEAD /a.tar.gz', 'GET /moved', 'GET /a.tar.gz'])
    expect(kept()).toEqual([])
  })

  test('a redirect to plain http is not followed unless that is allowed', async () => {
    const source = `url: "WEB/to-plain", sha256: ${fingerprint}`
    const { code, stdout } = await (await apply(source)).ended
    expect(code).toBe(1)
    expect(stdout).toContain(
      `it redirects to "${plain.url}/a.tar.gz", which is not https; add "insecure: true" to accept that`,
    )
    expect(plain.requests).toEqual([])
    expect(await there()).toBeUndefined()
    expect((await (await apply(`${source}, insecure: true`)).ended).code).toBe(0)
    expect(await there()).toBeDefined()
  })

  test('an image that nothing verifies is not planned, whether it exists or not', async () => {
    const { code, stdout } = await (await apply('url: "WEB/a.tar.gz"')).ended
    expect([code, stdout]).toEqual([1, expect.stringContaining('its fingerprint is unknown; add "sha256"')])
    const gone = await (await apply('url: "WEB/gone"')).ended
    expect(gone.stdout).toContain(
      'the web server answered 404, and its fingerprint is unknown; correct "url"',
    )
    expect(await there()).toBeUndefined()
  })

  test('a download that breaks off is resumed, and verified', async () => {
    answer = (response, bytes, range) => {
      const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0)
      const all = { 'content-length': bytes.length - from }
      const rest = { ...all, 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }
      response.writeHead(range === undefined ? 200 : 206, range === undefined ? all : rest)
      const isEnough = from > bytes.length / 2
      const to = isEnough ? bytes.length : from + Math.ceil(bytes.length / 3)
      response.write(bytes.subarray(from, to))
      if (isEnough) response.end()
      else void cutOff(response, to)
    }
    const { code, stderr } = await (await apply(`url: "WEB/a.tar.gz", sha256: ${fingerprint}`)).ended
    expect([code, stderr]).toEqual([0, expect.anything()])
    expect(web.requests).toEqual(['HEAD /a.tar.gz', ...Array(3).fill('GET /a.tar.gz')])
    expect(await there()).toBeDefined()
    expect(kept()).toEqual([])
  })

  test('a download that breaks off reaches no server if the web server does not send the rest', async () => {
    answer = (response, bytes, range) => {
      if (range !== undefined) return whole(response, bytes, range)
      response.writeHead(200, { 'content-length': bytes.length })
      response.write(bytes.subarray(0, 300_000))
      void cutOff(response, 300_000)
    }
    const { code, stdout } = await (await apply(`url: "WEB/a.tar.gz", sha256: ${fingerprint}`)).ended
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/the connection broke after 300000 of \d+ bytes/),
    ])
    expect(await there()).toBeUndefined()
    expect(kept()).toEqual([])
  })

  test('a download that a web server never sends is waited for until SIGINT, which reports what is left', async () => {
    let asked = (): void => {}
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve
    })
    answer = () => asked()
    const { child, ended } = await apply(`url: "WEB/a.tar.gz", sha256: ${fingerprint}`)
    await isAsked
    // `child.kill` cannot be used: Deno reports no exit code after it.
    process.kill(child.pid ?? 0, 'SIGINT')
    const { code, stdout, stderr } = await ended
    expect(code).toBe(130)
    expect(stderr).toContain(
      `it: interrupted, download image ${id}: the run was interrupted in the middle of it`,
    )
    expect(stdout).toContain('2 changes not done; run apply again to continue')
    expect(await there()).toBeUndefined()
    expect(kept()).toEqual([])
  })
})
