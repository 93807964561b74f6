import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@hyperkit/core'
import { createImageServer } from '@hyperkit/embedded'
import { afterAll, expect, test } from 'vitest'
import { reconcile } from './reconcile.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-expired-instance-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

test('apply does not publish an image that is expired from the start, unless the manifest says when it expires', async () => {
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
  const [publish] = (await reconcile(manifest, client)).results
  expect(publish).toMatchObject({
    outcome: 'failed',
    error: {
      code: 'invalid-argument',
      message:
        'Cannot publish instance "web" on "it": its own image expired at 2020-01-02T00:00:00.000Z, and the new one would inherit that; set expiresAt (--expire) to another date',
    },
  })
  expect(await client.images.list()).toEqual([])
  write(', expiresAt: never')
  expect(await reconcile(manifest, client)).toMatchObject({ status: 'done' })
  expect(await client.images.getByAlias('golden')).toMatchObject({ expiresAt: undefined })
  await server.close()
})
