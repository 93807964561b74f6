import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { changesOf, loadManifest, type Plan } from '@hyperkit/reconcile'
import { planEach } from '@hyperkit/reconcile/parts'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { type CountedServer, openCounted } from './counted-server.ts'
import { makeImage } from './make-image.ts'
import { reconcile } from './reconcile.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-listed-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const manifest = join(folder, 'images.yaml')
const names = Array.from({ length: 12 }, (_, index) => `image${index}`)

describe.each(['lxd', 'incus'] as const)('a plan of many images on an embedded %s', (dialect) => {
  let server: CountedServer

  beforeEach(async () => {
    server = openCounted({ dialect })
    for (const name of names) makeImage(join(folder, `${name}.tar.gz`), `${dialect} ${name}`)
    const images = names.map(
      (name) => `  - { name: ${name}, source: { file: ${join(folder, `${name}.tar.gz`)} } }\n`,
    )
    writeFileSync(
      manifest,
      `version: 1\nname: listed\nservers: { it: { url: "http://localhost" } }\nimages:\n${images.join('')}`,
    )
    expect(await reconcile(manifest, server.client)).toMatchObject({ status: 'done' })
    server.take()
  })

  const plan = async (lists: boolean): Promise<Plan> => {
    const { signal } = new AbortController()
    const connections = { open: async () => server.client, close: async () => {} }
    const preparing = { signal, hide: () => {}, note: async () => {}, connections, lists }
    const choice = { servers: [], targets: [] }
    return (await (await planEach(await loadManifest(manifest), choice, preparing)).whole).plan
  }

  test('images that are in sync are read from one list', async () => {
    const planned = await plan(true)
    expect(planned.servers).toMatchObject([{ changes: [], inSync: names.length }])
    const { 'GET /1.0': descriptions = 0, ...counts } = server.take()
    expect(descriptions).toBeLessThanOrEqual(1)
    expect(counts).toEqual({ 'GET projects/default': 1, 'GET images?recursion=1': 1 })
  })

  test('what is changed is read by name, so that a change by somebody else in between is not undone', async () => {
    const [one, two, three] = await Promise.all(
      names.slice(0, 3).map((name) => server.client.images.getByAlias(name)),
    )
    if (one === undefined || two === undefined || three === undefined) throw new Error('no images')
    await server.client.images.patch(one.fingerprint, { properties: { 'hyperkit.image': 'other' } })
    await server.client.aliases.update('image1', { target: three.fingerprint })
    await server.client.aliases.delete('image2')
    server.take()
    const planned = await plan(true)
    const counts = server.take()
    expect(counts).toMatchObject({ 'GET images?recursion=1': 1, 'GET alias': 1, 'GET image': 1 })
    expect(planned).toEqual(await plan(false))
    expect(changesOf(planned)).toMatchObject([
      { action: 'update-image', etag: expect.any(String) },
      { action: 'update-alias', alias: 'image1', etag: expect.any(String) },
      { action: 'create-alias', alias: 'image2' },
    ])
  })

  test('a list that leaves out an image is not believed, and each image is asked for', async () => {
    server.alter(async (kind, answer) => {
      if (kind !== 'GET images?recursion=1') return answer
      const whole = (await answer.json()) as { metadata: unknown[] }
      return Response.json({ ...whole, metadata: whole.metadata.slice(1) })
    })
    expect((await plan(true)).servers).toMatchObject([{ changes: [], inSync: names.length }])
    expect(server.take()).toMatchObject({ 'GET alias': names.length, 'GET image': names.length })
  })

  test('few images are not worth a list', async () => {
    const file = join(folder, 'image0.tar.gz')
    writeFileSync(
      manifest,
      `version: 1\nname: listed\nservers: { it: { url: "http://localhost" } }\nimages: [{ name: image0, source: { file: ${file} } }]\n`,
    )
    expect((await plan(true)).servers).toMatchObject([{ changes: [], inSync: 1 }])
    expect(server.take()['GET images?recursion=1']).toBeUndefined()
  })
})
