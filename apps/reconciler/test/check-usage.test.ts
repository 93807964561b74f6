import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SeededInstance } from '@hyperkit/embedded'
import { uploadImage } from '@hyperkit/files'
import type { DeleteImage } from '@hyperkit/reconcile'
import {
  createUsageCheck,
  deleteOwnedImage,
  trackDeletions,
  type UsageCheck,
} from '@hyperkit/reconcile/parts'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-check-usage-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
const { signal } = new AbortController()
const deletions = trackDeletions()

let server: OpenServer
let instances: SeededInstance[]
let listings: number
/** Milliseconds. */
let clock: number
let checkUsage: UsageCheck

beforeEach(async () => {
  instances = []
  listings = 0
  clock = 0
  checkUsage = createUsageCheck(() => clock)
  server = await openEmbedded(cwd, {
    dialect: 'lxd',
    instances,
    faults(request, answer) {
      if (new URL(request.url).pathname === '/1.0/instances') {
        listings++
        // The listing takes as long as the test wants.
        clock += 100
      }
      return answer()
    },
  })
})
afterEach(() => server.close())

async function bring(name: string): Promise<DeleteImage> {
  const path = join(cwd, `${name}.tar.gz`)
  makeImage(path, name)
  const properties = { 'hyperkit.manifest': 'me' }
  const { fingerprint } = await uploadImage(server.client, path, { properties })
  return {
    action: 'delete-image',
    image: name,
    fingerprint,
    aliases: [],
    owner: 'me',
  } as unknown as DeleteImage
}

test('a usage check is reused for as long as it took, and then everything is listed again', async () => {
  const seen: [at: number, listings: number][] = []
  for (const at of [0, 100, 199, 200, 300, 399, 400]) {
    clock = at
    await checkUsage(server.client, signal)
    seen.push([at, listings])
  }
  expect(seen).toEqual([
    [0, 1],
    [100, 1],
    [199, 1],
    [200, 2],
    [300, 2],
    [399, 2],
    [400, 3],
  ])
})

test('an image is not deleted if an instance was made of it before the usage check', async () => {
  const [first, second] = [await bring('first'), await bring('second')]
  await deleteOwnedImage(server.client, first, { signal, checkUsage, deletions, key: 'it' })
  expect(await server.client.images.find(first.fingerprint)).toBeUndefined()
  instances.push({ name: 'web', baseImage: second.fingerprint })
  clock += 100
  await expect(
    deleteOwnedImage(server.client, second, { signal, checkUsage, deletions, key: 'it' }),
  ).rejects.toThrow('an instance, a snapshot or a profile uses it now; plan again')
  expect(await server.client.images.find(second.fingerprint)).toBeDefined()
  expect(listings).toBe(2)
})

test('a usage check that fails is not reused', async () => {
  await server.close()
  await expect(checkUsage(server.client, signal)).rejects.toMatchObject({ code: 'unreachable' })
  await expect(checkUsage(server.client, signal)).rejects.toMatchObject({ code: 'unreachable' })
})
