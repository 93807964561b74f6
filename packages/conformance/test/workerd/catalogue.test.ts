import { createHash } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { explainNewAlias } from '@hyperkit/core/parts'
import { afterAll, beforeAll, describe, expect, onTestFinished, type TestContext, test } from 'vitest'
import { explainRealTarget, openRealTarget } from '../../src/harness/open-real-target.ts'
import { makeCertificate } from '../../src/servers/make-certificate.ts'
import { removeFolder } from '../../src/servers/remove-folder.ts'
import { openWorld, type World, type WorldName } from './catalogue-world.ts'
import { serveCache } from './serve-cache.ts'
import { bundleWorker, serveWorker } from './start-worker.ts'

const root = fileURLToPath(new URL('../../../..', import.meta.url))

const names: readonly WorldName[] = ['embedded incus', 'incus', 'lxd']

describe.each(names)('the catalogue of %s', (name) => {
  const absent = name === 'embedded incus' ? undefined : explainRealTarget(name)
  let opened: World | undefined
  beforeAll(async () => {
    if (absent === undefined) opened = await openWorld(name)
  })
  afterAll(() => opened?.close())
  const worldOf = (context: TestContext): World =>
    opened ?? context.skip(absent ?? 'the server did not start')

  test('the catalogue shows public images with their aliases, and nothing of a private one', async (context) => {
    const { url, add } = worldOf(context)
    const shown = await add({
      name: 'shown',
      aliases: ['shown/b', 'shown/a'],
      properties: { os: 'hyperkit' },
    })
    const hidden = await add({ name: 'hidden', aliases: ['hidden/a'], public: false })
    const { images } = (await (await fetch(`${url}/images.json`)).json()) as {
      images: { fingerprint: string }[]
    }
    const found = images.find(({ fingerprint }) => fingerprint === shown.fingerprint)
    expect(found).toMatchObject({
      aliases: [{ name: 'shown/a' }, { name: 'shown/b' }],
      properties: { os: 'hyperkit' },
      type: 'container',
    })
    expect(found).not.toHaveProperty('profiles')
    const page = await (await fetch(url, { headers: { accept: 'text/html' } })).text()
    expect(page).toContain('shown/a')
    expect(page).toContain(`${name === 'lxd' ? 'lxc' : 'incus'} image import image --alias shown/a`)
    for (const text of [JSON.stringify(images), page]) {
      expect(text).not.toContain(hidden.fingerprint.slice(0, 12))
      expect(text).not.toContain('hidden/a')
    }
    for (const path of ['', '.json', '/download', '/metadata', '/rootfs', '/verify']) {
      expect((await fetch(`${url}/images/${hidden.fingerprint}${path}`)).status).toBe(404)
    }
    for (const path of [
      `images/${hidden.fingerprint.slice(0, 12)}`,
      'aliases/hidden/a',
      'download/hidden/a',
    ]) {
      expect((await fetch(`${url}/${path}`)).status).toBe(404)
    }
  })

  test('an image that is made private disappears from the catalogue at once', async (context) => {
    const { url, admin, add } = worldOf(context)
    const { fingerprint } = await add({ name: 'withdrawn' })
    expect((await fetch(`${url}/images/${fingerprint}`)).status).toBe(200)
    await admin.images.update(fingerprint, { public: false })
    for (const path of ['', '/download'])
      expect((await fetch(`${url}/images/${fingerprint}${path}`)).status).toBe(404)
  })

  test('a download is the image byte for byte, has its digest, and is not sent again if unchanged', async (context) => {
    const { url, add } = worldOf(context)
    const { fingerprint, path } = await add({ name: 'loaded', size: 3_000_000, aliases: ['loaded/image'] })
    const answer = await fetch(`${url}/download/loaded/image`)
    expect(answer.url).toBe(`${url}/images/${fingerprint}/download`)
    const bytes = new Uint8Array(await answer.arrayBuffer())
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(fingerprint)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-length': String(readFileSync(path).length),
      'content-disposition': expect.stringMatching(
        new RegExp(`^attachment; filename="loaded-image-${fingerprint.slice(0, 12)}[.a-z]*"$`),
      ),
      'cache-control': expect.stringContaining('immutable'),
      'repr-digest': `sha-256=:${Buffer.from(fingerprint, 'hex').toString('base64')}:`,
      etag: `"${fingerprint}"`,
    })
    const again = await fetch(answer.url, { headers: { 'if-none-match': `W/"other", "${fingerprint}"` } })
    expect([again.status, (await again.arrayBuffer()).byteLength]).toEqual([304, 0])
  })

  test('a range of an image can be downloaded', async (context) => {
    const { url, add } = worldOf(context)
    const { fingerprint, path } = await add({ name: 'parts', size: 500_000 })
    const whole = readFileSync(path)
    const last = whole.length - 1
    const get = async (headers: Record<string, string>): Promise<Response> =>
      fetch(`${url}/images/${fingerprint}/download`, { headers })
    for (const [range, start, end] of [
      ['bytes=0-0', 0, 0],
      ['bytes=1000-250000', 1000, 250_000],
      [`bytes=400000-`, 400_000, last],
      [`bytes=-100`, whole.length - 100, last],
      [`bytes=100-${whole.length * 2}`, 100, last],
    ] as const) {
      const answer = await get({ range, 'if-range': `"${fingerprint}"` })
      expect([answer.status, answer.headers.get('content-range')]).toEqual([
        206,
        `bytes ${start}-${end}/${whole.length}`,
      ])
      expect(whole.subarray(start, end + 1).equals(Buffer.from(await answer.arrayBuffer()))).toBe(true)
    }
    const past = await get({ range: `bytes=${whole.length}-` })
    expect([past.status, past.headers.get('content-range')]).toEqual([416, `bytes */${whole.length}`])
    await past.body?.cancel()
    for (const headers of [{ range: 'bytes=0-9', 'if-range': '"other"' }, { range: 'lines=1-2' }]) {
      const answer = await get(headers)
      expect([answer.status, (await answer.arrayBuffer()).byteLength]).toEqual([200, whole.length])
    }
  })

  test('a split image is offered as its two files', async (context) => {
    const { url, addSplit } = worldOf(context)
    const { fingerprint, metadata, rootfs } = await addSplit('two-files')
    const base = `${url}/images/${fingerprint}`
    for (const [part, path] of [
      ['metadata', metadata],
      ['rootfs', rootfs],
    ] as const) {
      const answer = await fetch(`${base}/${part}`)
      expect(answer.headers.get('content-disposition')).toContain(`-${part}`)
      expect(readFileSync(path).equals(Buffer.from(await answer.arrayBuffer()))).toBe(true)
    }
    const refused = await fetch(`${base}/download`)
    expect(refused.status).toBe(409)
    expect(await refused.json()).toMatchObject({
      files: [`/images/${fingerprint}/metadata`, `/images/${fingerprint}/rootfs`],
    })
    expect(await (await fetch(`${base}/verify`)).json()).toMatchObject({ intact: true, actual: fingerprint })
  })

  test('an image is read from the server once if the platform has a cache', async (context) => {
    const { add, start, admin } = worldOf(context)
    const cache = await serveCache()
    onTestFinished(cache.close)
    const worker = await start({}, cache.address)
    const { fingerprint, path } = await add({ name: 'cached', size: 1_000_000 })
    const url = `${worker.url}/images/${fingerprint}/download`
    const load = async (): Promise<string> => {
      const answer = await fetch(url)
      expect(Buffer.from(await answer.arrayBuffer()).equals(readFileSync(path))).toBe(true)
      return answer.headers.get('cache-status') ?? 'no hit'
    }
    // A file that is too big for the cache is still sent.
    cache.refuse = true
    expect(await load()).toBe('no hit')
    cache.refuse = false
    expect(await load()).toBe('no hit')
    await expect.poll(() => [...cache.kept.keys()]).toEqual([url])
    expect(await load()).toBe('catalogue; hit')
    await admin.images.update(fingerprint, { public: false })
    expect((await fetch(url)).status).toBe(404)
  })

  test('an image with damaged bytes never arrives as a complete file, and the damage is detected', async (context) => {
    const { url, add, imageFolder, worker, start } = worldOf(context)
    if (imageFolder === undefined) return context.skip('the embedded server keeps these images in memory')
    const { fingerprint } = await add({ name: 'damaged', size: 2_000_000 })
    expect(await (await fetch(`${url}/images/${fingerprint}/verify`)).json()).toMatchObject({ intact: true })
    const file = await open(join(imageFolder, fingerprint), 'r+')
    await file.write(Buffer.from('damaged'), 0, 7, 1_000_000)
    await file.close()
    const answer = await fetch(`${url}/images/${fingerprint}/download`)
    await expect(answer.arrayBuffer()).rejects.toThrow()
    await expect.poll(() => worker.output()).toContain(`Image ${fingerprint} is damaged on the server`)
    // The worker that found it intact remembers that for five minutes; another worker does not know.
    const cache = await serveCache()
    onTestFinished(cache.close)
    const other = await start({}, cache.address)
    expect(await (await fetch(`${other.url}/images/${fingerprint}/verify`)).json()).toMatchObject({
      fingerprint,
      intact: false,
      actual: expect.not.stringMatching(fingerprint),
    })
    const again = await fetch(`${other.url}/images/${fingerprint}/download`)
    await expect(again.arrayBuffer()).rejects.toThrow()
    await expect.poll(other.output).toContain('Cannot cache an image')
    expect(cache.kept.size).toBe(0)
  })

  test('a damaged root file system never arrives as a complete file', async (context) => {
    const { url, addSplit, imageFolder } = worldOf(context)
    if (imageFolder === undefined) return context.skip('the embedded server keeps these images in memory')
    const { fingerprint, rootfs } = await addSplit('damaged-split')
    const bytes = readFileSync(rootfs)
    bytes[bytes.length >> 1] = 255 - (bytes[bytes.length >> 1] ?? 0)
    writeFileSync(join(imageFolder, `${fingerprint}.rootfs`), bytes)
    const load = fetch(`${url}/images/${fingerprint}/rootfs`).then((answer) => answer.arrayBuffer())
    await expect(load).rejects.toThrow()
  })

  test('hostile names and properties stay plain text', async (context) => {
    const { url, add, admin } = worldOf(context)
    // A server that refuses such a name cannot show it; the properties are hostile there too.
    const hostile = '" onmouseover="alert(1)'
    const takesIt = explainNewAlias(await admin.server(), hostile) === undefined
    const [alias, stem] = takesIt ? [hostile, 'onmouseover-alert-1'] : ['hostile', 'hostile']
    const evil = '</style></script><script>document.title="owned"</script>'
    const { fingerprint } = await add({
      name: 'hostile',
      aliases: [alias],
      properties: {
        description: evil,
        '<img src=x onerror=alert(1)>': 'gnp.\u202Eexe',
        os: "'\u001b[31mred",
      },
    })
    for (const path of ['/', `/images/${fingerprint}`]) {
      const answer = await fetch(`${url}${path}`, { headers: { accept: 'text/html' } })
      const page = await answer.text()
      expect(page).toContain('&lt;/script&gt;&lt;script&gt;document.title=')
      expect(page.match(/<script/g)).toHaveLength(1)
      for (const raw of ['<img', '" onmouseover', '\u202E', '\u001b']) expect(page).not.toContain(raw)
      expect(page).toContain('gnp.\\u{202e}exe')
      expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'sha256-/)
    }
    const file = await fetch(`${url}/images/${fingerprint}/download`)
    await file.body?.cancel()
    expect(file.headers.get('content-disposition')).toMatch(
      new RegExp(`^attachment; filename="${stem}-[0-9a-f]{12}[.a-z]*"$`),
    )
  })

  test('an unchanged catalogue is not sent again to a visitor that has it', async (context) => {
    const { url } = await worldOf(context).start({ MAX_AGE: '3600' })
    for (const path of ['/images.json', '/']) {
      const first = await fetch(`${url}${path}`)
      await first.arrayBuffer()
      const etag = first.headers.get('etag') ?? ''
      const again = await fetch(`${url}${path}`, { headers: { 'if-none-match': etag } })
      expect([again.status, await again.text()]).toEqual([304, ''])
    }
  })

  test('a fingerprint prefix leads to the image, and other paths and methods are refused', async (context) => {
    const { url, add } = worldOf(context)
    const { fingerprint } = await add({ name: 'beginning' })
    const short = await fetch(`${url}/images/${fingerprint.slice(0, 12)}`)
    expect([short.url, short.status]).toEqual([`${url}/images/${fingerprint}`, 200])
    expect(await short.json()).toMatchObject({ fingerprint })
    for (const path of ['/images/%25', `/images/${fingerprint}/export`, '/1.0/images', '/aliases/%E0%A4'])
      expect((await fetch(url + path)).status).toBe(404)
    for (const method of ['POST', 'DELETE', 'PUT'])
      expect((await fetch(`${url}/images/${fingerprint}`, { method })).status).toBe(405)
    const head = await fetch(`${url}/images/${fingerprint}`, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })
})

describe('a catalogue whose server or settings are broken', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld('embedded incus')
  })
  afterAll(() => world.close())

  test('the catalogue hides the server’s address from visitors, and logs it for the operator', async () => {
    const { url, output } = await world.start({ SERVER: 'http://127.0.0.1:9' })
    for (const accept of ['text/html', '*/*']) {
      const answer = await fetch(url, { headers: { accept } })
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([502, '30'])
      const text = await answer.text()
      expect(text).toContain('The image server does not answer; try again later')
      expect(text).not.toContain('127.0.0.1:9')
    }
    await expect.poll(output).toContain('http://127.0.0.1:9')
  })

  test('invalid bindings are named in the answer, without their values', async () => {
    const { cert, key } = makeCertificate({ name: 'somebody' })
    for (const [bindings, words] of [
      [{ SERVER: '' }, /binding SERVER is missing/],
      [{ SERVER: 'nonsense' }, /binding SERVER is not a URL/],
      [{ KEY: key, CERTIFICATE: '' }, /CERTIFICATE and KEY must be set together/],
      [{ KEY: key, CERTIFICATE: cert, TOKEN: 'abc' }, /set only one of the two/],
      [{ MAX_AGE: 'soon' }, /MAX_AGE is not a whole number/],
    ] as const) {
      const { url, stop } = await world.start(bindings)
      const answer = await fetch(url)
      const text = await answer.text()
      await stop()
      expect(answer.status).toBe(500)
      expect(text).toMatch(words)
      expect(text).not.toMatch(/nonsense|PRIVATE KEY|abc|soon/)
    }
  })

  test('a listing is requested once within its lifetime, and shown as old if the server is gone', async () => {
    const gone = await openWorld('embedded incus')
    onTestFinished(() => gone.close())
    await gone.add({ name: 'last-seen', aliases: ['last/seen'] })
    const { url } = await gone.start({ MAX_AGE: '1' })
    expect(await (await fetch(url, { headers: { accept: 'text/html' } })).text()).toContain('last/seen')
    await gone.loseServer()
    await expect
      .poll(async () => (await fetch(url, { headers: { accept: 'text/html' } })).text(), { timeout: 60_000 })
      .toContain('does not answer at the moment')
    expect(await (await fetch(`${url}/images.json`)).text()).toContain('last/seen')
  })
})

test('a catalogue of more than one page is searched by the server', async (context) => {
  const world = await openWorld('embedded incus')
  context.onTestFinished(() => world.close())
  for (let count = 1; count <= 201; count++)
    await world.add({ name: `many-${count}`, properties: { os: 'many', release: `r${count}` } })
  const show = async (query: string): Promise<string> =>
    (await fetch(`${world.url}/${query}`, { headers: { accept: 'text/html' } })).text()
  const cards = (page: string): number => page.match(/<li class="image"/g)?.length ?? 0
  const first = await show('')
  expect([cards(first), first.includes('Page 1 of 2'), first.includes('data-complete')]).toEqual([
    200,
    true,
    false,
  ])
  expect(cards(await show('?page=2'))).toBe(1)
  const found = await show('?q=r201')
  expect([cards(found), found.includes('1 of 201 images')]).toEqual([1, true])
  for (const page of ['?page=99', '?page=-1', '?page=x']) expect(cards(await show(page))).toBeGreaterThan(0)
})

const noIncus = explainRealTarget('incus')

test('a token that the server refuses gives a logged error, and not a shorter list', async (context) => {
  if (noIncus !== undefined) return context.skip(noIncus)
  const world = await openWorld('incus')
  context.onTestFinished(() => world.close())
  const { cert, key } = makeCertificate({ name: 'stranger' })
  const { url, output } = await world.start({ CERTIFICATE: cert, KEY: key })
  expect((await fetch(`${url}/images.json`)).status).toBe(502)
  await expect.poll(output).toContain("is not in the server's trust store")
  expect(output()).not.toContain('PRIVATE KEY')
})

test('the example’s configuration works unchanged', async (context) => {
  if (noIncus !== undefined) return context.skip(noIncus)
  const target = await openRealTarget('incus')
  const folder = mkdtempSync(join(tmpdir(), 'hk-config-'))
  context.onTestFinished(async () => {
    await target.close()
    await removeFolder(folder)
  })
  const { url, serverCertificate, clientCertificate } = target.server
  copyFileSync(join(root, 'examples/catalogue-worker/config.capnp'), join(folder, 'config.capnp'))
  bundleWorker('examples/catalogue-worker/src/worker.ts', join(folder, 'dist/worker.js'))
  writeFileSync(join(folder, 'server.crt'), serverCertificate)
  const { cert, key } = clientCertificate
  const worker = await serveWorker(folder, { SERVER: url, CERTIFICATE: cert, KEY: key, TITLE: 'Ours' })
  context.onTestFinished(() => worker.stop())
  const answer = await fetch(`${worker.url}/`)
  expect(answer.headers.get('cache-control')).toBe('public, max-age=60')
  expect(await answer.text()).toContain('<h1><a href="/">Ours</a></h1>')
})

test('the memory of a worker does not grow with the image', async (context) => {
  if (noIncus !== undefined) return context.skip(noIncus)
  if ('Bun' in globalThis || 'Deno' in globalThis)
    return context.skip('the memory of workerd is measured once, from Node')
  const world = await openWorld('incus')
  context.onTestFinished(() => world.close())
  const { fingerprint } = await world.add({ name: 'big', size: 256 * 1024 * 1024 })
  const peak = (): number =>
    Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${world.worker.process.pid}/status`, 'utf8'))?.[1]) /
    1024
  await (await fetch(`${world.url}/images.json`)).arrayBuffer()
  const before = peak()
  const answer = await fetch(`${world.url}/images/${fingerprint}/download`)
  let bytes = 0
  for await (const piece of answer.body ?? []) bytes += piece.byteLength
  expect(bytes).toBeGreaterThan(256 * 1024 * 1024)
  expect(await (await fetch(`${world.url}/images/${fingerprint}/verify`)).json()).toMatchObject({
    intact: true,
  })
  expect(peak() - before).toBeLessThan(64)
})
