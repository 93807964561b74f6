import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@hyperkit/core'
import { createImageServer } from '@hyperkit/embedded'
import { takeLock } from '@hyperkit/reconcile/parts'
import { afterAll, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { reconcile } from './reconcile.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-live-tokens-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

test('a run without changes leaves the token of a run that works on the server, and ends that of a killed one', async () => {
  const server = createImageServer({ dialect: 'lxd-6.9' })
  const client = createClient({
    transport: {
      name: 'it',
      origin: 'http://it',
      fetch: (input, init) => server.fetch(new Request(input, { ...init, duplex: 'half' } as RequestInit)),
    },
  })
  const manifest = join(cwd, 'images.yaml')
  makeImage(join(cwd, 'image.tar.gz'), 'one')
  writeFileSync(
    manifest,
    'version: 1\nname: me\nservers: { it: { url: "https://127.0.0.1:1" } }\nimages:\n  - { name: app, source: { file: image.tar.gz } }\n',
  )
  const lock = { timeout: 0 }
  await reconcile(manifest, client, { lock })
  const source = { type: 'image', mode: 'push', fingerprint: 'f'.repeat(64) }
  const json = { source, properties: { 'hyperkit.manifest': 'me' } }
  await client.request({ method: 'POST', path: '/1.0/images', json })
  const tokens = async (): Promise<number> =>
    (await client.operations.list()).filter(
      ({ class: kind, state }) => kind === 'token' && state === 'running',
    ).length
  const { signal } = new AbortController()
  const other = {
    manifest: 'me',
    owner: 'them@there',
    run: crypto.randomUUID(),
    aliases: ['app'],
    timeout: 0,
    signal,
  }
  const held = await takeLock(client, other)
  expect(await reconcile(manifest, client, { lock })).toMatchObject({ status: 'done', results: [] })
  expect(await tokens()).toBe(1)
  await held?.release()
  expect(await reconcile(manifest, client, { lock })).toMatchObject({ status: 'done', results: [] })
  expect(await tokens()).toBe(0)
  await server.close()
})
