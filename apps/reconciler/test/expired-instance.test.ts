import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@hyperkit/core'
import { createImageServer } from '@hyperkit/embedded'
import { loadManifest } from '@hyperkit/reconcile'
import { planChanges, readObserved, resolveDesired } from '@hyperkit/reconcile/parts'
import { afterAll, expect, test } from 'vitest'
import { reconcile } from './reconcile.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-expired-instance-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

test('a plan reports an image that would be expired from the start, and nothing is published, unless the manifest says when it expires', async () => {
  const instances = [{ name: 'web', expiresAt: '2020-01-02T00:00:00Z' }]
  const server = createImageServer({ dialect: 'incus', instances })
  const client = createClient({
    transport: {
      name: 'it',
      origin: 'http://it',
      fetch: (input, init) => server.fetch(new Request(input, init as RequestInit)),
    },
  })
  const manifest = join(cwd, 'images.yaml')
  const write = (more: string): void =>
    writeFileSync(
      manifest,
      `version: 1\nname: me\nservers: { it: { url: "https://127.0.0.1:1" } }\nimages:\n  - { name: golden, source: { instance: web }${more} }\n`,
    )
  write('')
  const error = {
    code: 'invalid-argument',
    message: expect.stringMatching(
      /images\.yaml:5:\d+: Cannot publish image "golden": the image of instance "web" on "it" expired at 2020-01-02T00:00:00\.000Z, and the new one would inherit that; give the image another "expiresAt"$/,
    ),
  }
  const open = async () => client
  const desired = await resolveDesired(await loadManifest(manifest), {
    open,
    fingerprint: () => expect.unreachable(),
  })
  const observed = await readObserved(desired, { open })
  const [planned] = planChanges(desired, observed).servers
  expect(planned).toMatchObject({ changes: [], problems: [{ image: 'golden', error }] })
  expect(await reconcile(manifest, client)).toMatchObject({ results: [], problems: [{ error }] })
  expect(await client.images.list()).toEqual([])
  write(', expiresAt: never')
  expect(await reconcile(manifest, client)).toMatchObject({ status: 'done' })
  expect(await client.images.getByAlias('golden')).toMatchObject({ expiresAt: undefined })
  await server.close()
})
