import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Transport } from '@hyperkit/core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openRegistries } from './open-registries.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hk-registries-'))
  vi.stubEnv('INCUS_CONF', folder)
  vi.stubEnv('DOCKER_CONFIG', folder)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

test('a registry that wants no more requests is asked no more in this pass, by its other name neither', async () => {
  await writeFile(
    join(folder, 'config.yml'),
    'remotes: { docker: { addr: "https://docker.io", protocol: oci, public: true } }\n',
  )
  let asked = 0
  const wrapTransport = (transport: Transport): Transport => ({
    ...transport,
    async fetch() {
      asked++
      return new Response('', { status: 429, headers: { 'retry-after': '3600' } })
    },
  })
  const open = openRegistries({ wrapTransport, keepsNothing: true })
  const place = (remote: string | undefined) => ({
    server: 'https://docker.io',
    access: { remote, certificate: undefined, secret: undefined },
  })
  const [named, addressed] = [await open(place('docker')), await open(place(undefined))]
  for (const registry of [named, addressed])
    await expect(registry.digest('alpine:3.20')).rejects.toThrow('try again in 1 hour')
  expect(asked).toBe(1)
})
