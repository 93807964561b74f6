import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createImageServer, type Listening } from '@hyperkit/embedded'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { makeImage } from '../../src/fixtures/make-image.ts'
import { type RunningWorker, startWorker } from './start-worker.ts'

const folder = mkdtempSync(join(tmpdir(), 'hyperkit-workerd-'))
const server = createImageServer({ dialect: 'incus' })
let listening: Listening
let worker: RunningWorker

beforeAll(async () => {
  listening = await server.listen({ http: { trust: 'admin' } })
  worker = await startWorker({
    source: 'packages/conformance/test/workerd/worker.ts',
    folder,
    bindings: { SERVER: listening.url },
  })
})

afterAll(async () => {
  await worker?.stop()
  await listening?.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a worker uploads an image, lists it, and exports it byte for byte', async () => {
  const image = await makeImage({ directory: folder, name: 'edge', compression: 'none' })
  const bytes = readFileSync(image.path)
  const uploaded = await fetch(`${worker.url}/upload`, { method: 'POST', body: new Uint8Array(bytes) })
  expect(await uploaded.json()).toMatchObject({
    fingerprint: image.fingerprint,
    aliases: [{ name: 'from/edge' }],
  })
  expect(await (await fetch(`${worker.url}/list`)).json()).toMatchObject([{ fingerprint: image.fingerprint }])
  const exported = await fetch(`${worker.url}/export?fingerprint=${image.fingerprint}`)
  const hash = createHash('sha256')
    .update(new Uint8Array(await exported.arrayBuffer()))
    .digest('hex')
  expect(hash).toBe(image.fingerprint)
})

test('a worker distinguishes a missing alias from a missing server', async () => {
  expect(await (await fetch(`${worker.url}/alias`)).json()).toMatchObject({ code: 'not-found' })
})

test('a worker connects by URL, and gets an error at once for what it cannot do', async () => {
  const own = mkdtempSync(join(folder, 'connect-'))
  const source = 'packages/conformance/test/workerd/connect-worker.ts'
  const connecting = await startWorker({ source, folder: own, bindings: {} })
  onTestFinished(() => connecting.stop())
  expect(readFileSync(join(own, 'worker.js'), 'utf8')).not.toMatch(/from ["']node:|import\(["']node:/)
  const ask = async (options: unknown): Promise<unknown> => {
    const answer = await fetch(connecting.url, { method: 'POST', body: JSON.stringify(options) })
    return answer.json()
  }
  expect(await ask({ url: listening.url })).toEqual({ images: expect.any(Number) })
  const url = 'https://10.1.0.7:8443'
  for (const [options, words] of [
    ['prod', /edge worker has no client configuration; give "url"/],
    [{ socket: '/var/lib/incus/unix.socket' }, /cannot open unix sockets; give the "url"/],
    [{ url, clientCertificate: { cert: 'C', key: 'K' } }, /cannot present a client certificate; use "token"/],
    [{ url, serverCertificate: 'ab'.repeat(32) }, /cannot pin a certificate/],
  ] as const) {
    expect(await ask(options)).toEqual({ code: 'unsupported', message: expect.stringMatching(words) })
  }
})
