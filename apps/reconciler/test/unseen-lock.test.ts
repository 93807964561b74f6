import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@hyperkit/core'
import { createImageServer } from '@hyperkit/embedded'
import { afterAll, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { reconcile } from './reconcile.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-unseen-lock-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

test('a server is planned again if another run took its lock and released it unseen', async () => {
  const server = createImageServer({ dialect: 'incus-7.0' })
  let isRefused = false
  const client = createClient({
    transport: {
      name: 'it',
      origin: 'http://it',
      async fetch(input, init) {
        const request = new Request(input, { ...init, duplex: 'half' } as RequestInit)
        const isCreation = `${request.method} ${new URL(request.url).pathname}` === 'POST /1.0/images/aliases'
        if (!isRefused || !isCreation) return server.fetch(request)
        isRefused = false
        const answer = { type: 'error', error: 'Alias already exists', error_code: 409 }
        return Response.json(answer, { status: 409 })
      },
    },
  })
  const manifest = join(cwd, 'images.yaml')
  makeImage(join(cwd, 'image.tar.gz'), 'one')
  const write = (team: string): void =>
    writeFileSync(
      manifest,
      `version: 1\nname: me\nservers: { it: { url: "https://127.0.0.1:1" } }\nimages:\n  - { name: app, source: { file: image.tar.gz }, properties: { team: ${team} } }\n`,
    )
  write('web')
  await reconcile(manifest, client, { lock: { timeout: 0 } })
  write('shop')
  isRefused = true
  let plans = 0
  const planAgain = (): Promise<never> => {
    plans++
    return Promise.reject(new Error('planned again'))
  }
  const report = await reconcile(manifest, client, { lock: { timeout: 0 }, planAgain })
  expect([plans, report]).toMatchObject([1, { error: { message: 'not started: planned again' } }])
  await server.close()
})
