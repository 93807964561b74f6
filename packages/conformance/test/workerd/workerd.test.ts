import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createImageServer, type Listening } from '@hyperkit/embedded'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeImage } from '../../src/fixtures/make-image.ts'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'hyperkit-workerd-'))
const server = createImageServer({ dialect: 'incus' })
let listening: Listening
let worker: { url: string; process: ChildProcess }

beforeAll(async () => {
  listening = await server.listen({ http: { trust: 'admin' } })
  worker = await startWorker(listening.url)
})

afterAll(async () => {
  worker?.process.kill()
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

test('a worker tells an alias that is not from a server that is not', async () => {
  expect(await (await fetch(`${worker.url}/alias`)).json()).toMatchObject({ code: 'not-found' })
})

/** Bundles the worker, starts workerd with it on a free port, and resolves when workerd says which. */
async function startWorker(imageServer: string): Promise<{ url: string; process: ChildProcess }> {
  const bin = (name: string): string => join(root, 'node_modules/.bin', name)
  const source = fileURLToPath(new URL('./worker.ts', import.meta.url))
  execFileSync(bin('bun'), [
    'build',
    source,
    '--conditions=@hyperkit/source',
    '--target=browser',
    '--format=esm',
    `--outfile=${join(folder, 'worker.js')}`,
  ])
  writeFileSync(
    join(folder, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (modules = [(name = "worker.js", esModule = embed "worker.js")], compatibilityDate = "2026-08-01",
      bindings = [(name = "SERVER", text = "${imageServer}")], globalOutbound = "internet")),
    (name = "internet", network = (allow = ["private", "public", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);`,
  )
  const process = spawn(bin('workerd'), ['serve', 'config.capnp', '--control-fd=3'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  })
  const port = await new Promise<number>((resolve, reject) => {
    let text = ''
    process.once('exit', (code) => reject(new Error(`workerd ended with ${code}`)))
    process.stdio[3]?.on('data', (chunk: Buffer) => {
      text += chunk
      const found = /"port":\s*(\d+)/.exec(text)
      if (found) resolve(Number(found[1]))
    })
  })
  return { url: `http://127.0.0.1:${port}`, process }
}
