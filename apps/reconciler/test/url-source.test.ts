import { createHash, randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fingerprintOf } from '@hyperkit/files'
import { changesOf } from '@hyperkit/reconcile'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import type { OpenServer } from './open-server.ts'
import { actionsOf, applyOf, outcomesOf, planOf } from './plan-and-apply.ts'
import { type FileServer, serveFiles } from './serve-file.ts'
import { sourceTargets } from './source-targets.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-url-'))
const cache = join(folder, 'cache')
const { XDG_CACHE_HOME: cacheBefore } = process.env
beforeAll(() => {
  process.env.XDG_CACHE_HOME = cache
})
afterAll(() => {
  if (cacheBefore === undefined) delete process.env.XDG_CACHE_HOME
  else process.env.XDG_CACHE_HOME = cacheBefore
  rmSync(folder, { recursive: true, force: true })
})
const kept = (): string[] => {
  try {
    return readdirSync(join(cache, 'hyperkit', 'downloads'))
  } catch {
    return []
  }
}

const targets = sourceTargets(folder, [
  ['lxd', 'lxd'],
  ['incus', 'incus'],
])

describe.each(targets)('an image of a web server, %s', (_, open) => {
  let one: OpenServer
  let two: OpenServer
  let web: FileServer
  let id = ''
  let file = ''
  let headers: Record<string, string> = {}

  beforeAll(async () => {
    if (open !== undefined) ({ target: one, source: two } = await open())
  })
  afterAll(async () => {
    if (open === undefined) return
    for (const { client } of [one, two]) {
      for (const { fingerprint, properties } of await client.images.list())
        if (/^u[0-9a-f]{8}$/.test(properties['hyperkit.manifest'] ?? ''))
          await client.images.delete(fingerprint)
    }
    await one.close()
    await two.close()
  })
  beforeEach(async (context) => {
    if (open === undefined) context.skip('HYPERKIT_SERVERS names no such servers')
    id = `u${randomUUID().slice(0, 8)}`
    file = join(folder, `${id}.tar.gz`)
    makeImage(file, id)
    headers = {}
    web = await serveFiles((request, response) => {
      if (request.url === '/page') return void response.writeHead(404, headers).end()
      if (request.url === '/moved') return void response.writeHead(302, { location: '/image.tar.gz' }).end()
      if (request.url !== '/image.tar.gz') return void response.writeHead(404).end()
      const bytes = readFileSync(file)
      const etag = `"${createHash('sha256').update(bytes).digest('hex')}"`
      if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end()
      response.writeHead(200, { 'content-length': bytes.length, etag })
      response.end(request.method === 'HEAD' ? undefined : bytes)
    })
  })
  afterEach(async () => {
    await web?.close()
    rmSync(cache, { recursive: true, force: true })
  })

  const write = (source: string): string => {
    const path = join(folder, `${id}.yaml`)
    writeFileSync(
      path,
      `version: 1\nname: ${id}\nservers: { one: ${one.yaml}, two: ${two.yaml} }\nimages:\n  - { name: ${id}, source: { ${source} }, properties: { release: noble } }\n`,
    )
    return path
  }

  test('an image with a known hash is downloaded and verified once for all servers, and not again', async () => {
    const { fingerprint, size } = await fingerprintOf(file)
    const path = write(`url: "${web.url}/moved", sha256: ${fingerprint}, insecure: true`)
    const [download] = changesOf(await planOf(path))
    expect(download).toMatchObject({
      action: 'download-image',
      fingerprint,
      bytes: size,
      from: { kind: 'url', url: `${web.url}/moved` },
    })
    expect(web.requests).toEqual(['HEAD /moved', 'HEAD /image.tar.gz'])
    expect(outcomesOf(await applyOf(path))).toEqual([
      'one: download-image: done',
      'one: create-alias: done',
      'two: download-image: done',
      'two: create-alias: done',
    ])
    expect(web.requests.filter((request) => request === 'GET /image.tar.gz')).toHaveLength(1)
    const image = await one.client.images.getByAlias(id)
    expect(image).toMatchObject({ fingerprint, filename: 'moved' })
    expect(image.properties).toMatchObject({ release: 'noble', 'hyperkit.manifest': id })
    expect(actionsOf(await planOf(path))).toEqual([])
    expect(web.requests.filter((request) => request.startsWith('GET'))).toHaveLength(2)
    expect(kept()).toEqual([])
  })

  test('the address of a page gives the image that the page’s headers for LXD or Incus name', async () => {
    const { fingerprint } = await fingerprintOf(file)
    headers = { 'LXD-Image-Hash': fingerprint, 'LXD-Image-URL': `${web.url}/image.tar.gz` }
    const path = write(`url: "${web.url}/page", insecure: true`)
    expect((await applyOf(path)).servers.map(({ status }) => status)).toEqual(['done', 'done'])
    expect(await two.client.images.getByAlias(id)).toMatchObject({ fingerprint, filename: 'image.tar.gz' })
    expect(actionsOf(await planOf(path))).toEqual([])
  })

  test('a file that is missing or has a wrong hash reaches no server', async () => {
    const path = write(`url: "${web.url}/image.tar.gz", sha256: ${'ab'.repeat(32)}, insecure: true`)
    const [wrong] = outcomesOf(await applyOf(path))
    expect(wrong).toContain('one: download-image: failed: Cannot use the download from')
    expect(await one.client.aliases.find(id)).toBeUndefined()
    expect(kept()).toEqual([])
    const gone = write(`url: "${web.url}/gone", sha256: ${'ab'.repeat(32)}, insecure: true`)
    expect(outcomesOf(await applyOf(gone))[0]).toContain('the web server answered 404')
  })

  test('an image that nothing verifies is used only if that is allowed, and downloaded again only if it changed', async () => {
    const path = write(`url: "${web.url}/image.tar.gz", insecure: true`)
    expect((await applyOf(path)).servers.map(({ status }) => status)).toEqual(['done', 'done'])
    const first = (await one.client.aliases.get(id)).target
    expect(first).toBe((await fingerprintOf(file)).fingerprint)
    expect(actionsOf(await planOf(path))).toEqual([])
    makeImage(file, `${id} newer`)
    expect(actionsOf(await planOf(path, { servers: ['one'] }))).toEqual(['download-image', 'update-alias'])
    expect((await applyOf(path)).servers.map(({ status }) => status)).toEqual(['done', 'done'])
    expect(actionsOf(await planOf(path))).toEqual([])
    await expect(planOf(write(`url: "${web.url}/image.tar.gz"`))).rejects.toThrow(
      '"url" is plain http, so anybody on the network path can read and change the file: use "https://", or add "insecure: true"',
    )
  })
})
