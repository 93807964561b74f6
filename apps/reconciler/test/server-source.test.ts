import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from '@hyperkit/core'
import { fingerprintOf, uploadImage } from '@hyperkit/files'
import { changesOf } from '@hyperkit/reconcile'
import { carryOutPlan } from '@hyperkit/reconcile/parts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeImage, makeSplitImage } from './make-image.ts'
import type { OpenServer } from './open-server.ts'
import { actionsOf, applyOf, outcomesOf, planOf, prepare } from './plan-and-apply.ts'
import { sourceTargets } from './source-targets.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-server-source-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const targets = sourceTargets(folder, [
  ['lxd', 'lxd'],
  ['incus', 'incus'],
  ['lxd', 'incus'],
  ['incus', 'lxd'],
])

describe.each(targets)('an image of another server of the manifest, %s', (_, open) => {
  let target: OpenServer
  let source: OpenServer
  let id = ''

  beforeAll(async () => {
    if (open !== undefined) ({ target, source } = await open())
  })
  afterAll(async () => {
    if (open === undefined) return
    for (const { client } of [target, source]) {
      for (const { fingerprint, properties, aliases } of await client.images.list()) {
        const isOurs = /^s[0-9a-f]{8}$/.test(properties['hyperkit.manifest'] ?? '')
        if (isOurs || aliases.some(({ name }) => /^s[0-9a-f]{8}\//.test(name)))
          await client.images.delete(fingerprint)
      }
    }
    await target.close()
    await source.close()
  })
  beforeEach((context) => {
    if (open === undefined) context.skip('HYPERKIT_SERVERS names no such servers')
    id = `s${randomUUID().slice(0, 8)}`
  })

  const image = (content: string): string => {
    const file = join(folder, `${id}-${content}.tar.gz`)
    makeImage(file, `${id} ${content}`)
    return file
  }
  const give = async (client: Client, alias: string, content: string): Promise<string> => {
    const { fingerprint } = await uploadImage(client, image(content))
    await client.images.update(fingerprint, { properties: { os: 'hyperkit', kept: content } })
    await client.aliases.set(alias, { target: fingerprint })
    return fingerprint
  }
  const write = (images: string, servers = `it: ${target.yaml}, from: ${source.yaml}`): string => {
    const path = join(folder, `${id}.yaml`)
    writeFileSync(path, `version: 1\nname: ${id}\nservers: { ${servers} }\nimages:\n${images}`)
    return path
  }

  test('an image of another server is copied, keeps its properties, and follows the alias there', async () => {
    const first = await give(source.client, `${id}/base`, 'one')
    const path = write(
      `  - { name: ${id}/mirror, source: { server: from, alias: ${id}/base }, servers: [it], properties: { more: yes } }\n`.replace(
        'yes',
        '"yes"',
      ),
    )
    expect(changesOf(await planOf(path))).toMatchObject([
      {
        action: 'copy-image',
        fingerprint: first,
        bytes: (await source.client.images.get(first)).size,
        from: { server: 'from' },
      },
      { action: 'create-alias', fingerprint: first },
    ])
    expect(outcomesOf(await applyOf(path))).toEqual(['it: copy-image: done', 'it: create-alias: done'])
    const copy = await target.client.images.getByAlias(`${id}/mirror`)
    expect(copy).toMatchObject({ fingerprint: first, public: false })
    expect(copy.properties).toEqual({
      os: 'hyperkit',
      kept: 'one',
      more: 'yes',
      'hyperkit.manifest': id,
      'hyperkit.image': `${id}/mirror`,
    })
    expect(actionsOf(await planOf(path))).toEqual([])

    const second = await give(source.client, `${id}/base`, 'two')
    expect(actionsOf(await planOf(path))).toEqual(['copy-image', 'update-alias'])
    expect((await applyOf(path)).servers[0]?.status).toBe('done')
    expect((await target.client.aliases.get(`${id}/mirror`)).target).toBe(second)
    expect(actionsOf(await planOf(path))).toEqual([])
  })

  test('a copied image does not keep the marks of the manifest that owns it at the source', async () => {
    const first = await give(source.client, `${id}/base`, 'one')
    const marks = {
      'hyperkit.manifest': `${id}-other`,
      'hyperkit.image': 'base',
      'hyperkit.source': 'instance:web1',
    }
    await source.client.images.update(first, { properties: { kept: 'one', ...marks } })
    const path = write(
      `  - { name: ${id}/mirror, source: { server: from, alias: ${id}/base }, servers: [it] }\n`,
    )
    expect((await applyOf(path)).servers[0]?.status).toBe('done')
    expect((await target.client.images.get(first)).properties).toEqual({
      kept: 'one',
      'hyperkit.manifest': id,
      'hyperkit.image': `${id}/mirror`,
    })
    expect((await source.client.images.get(first)).properties).toEqual({ kept: 'one', ...marks })
    expect(actionsOf(await planOf(path))).toEqual([])

    // A run that ends right after the download leaves no image that seems to belong to the other manifest.
    await target.client.images.delete(first)
    const prepared = await prepare(path)
    const cut = await carryOutPlan(prepared.plan, {
      ...prepared,
      signal: new AbortController().signal,
      async open(name) {
        const client = await prepared.open(name)
        if (name !== 'it') return client
        const update = () => Promise.reject(new Error('the line is cut'))
        return { ...client, images: { ...client.images, update } }
      },
    })
    await prepared.close()
    expect(cut.servers[0]?.results[0]?.outcome).toBe('failed')
    expect((await target.client.images.get(first)).properties['hyperkit.manifest']).toBe(id)
    expect((await applyOf(path)).servers[0]?.status).toBe('done')
    expect(actionsOf(await planOf(path))).toEqual([])
    await source.client.images.update(first, { properties: { 'hyperkit.manifest': id } })
  })

  test('a copied image is the one that the same run brings to the source, in any order of the manifest', async () => {
    const split = {
      metadata: join(folder, `${id}.meta.tar.gz`),
      rootfs: join(folder, `${id}.root.tar.gz`),
    }
    makeSplitImage(split, id)
    const file = image('one')
    const path = write(
      [
        `  - { name: ${id}/back, source: { server: it, alias: ${id}/mirror }, servers: [from], public: true }`,
        `  - { name: ${id}/mirror, source: { server: from, alias: ${id}/base }, servers: [it] }`,
        `  - { name: ${id}/base, source: { file: "${file}" }, servers: [from], aliases: [${id}/also] }`,
        `  - { name: ${id}/other, source: { metadata: "${split.metadata}", rootfs: "${split.rootfs}" }, servers: [it] }`,
        `  - { name: ${id}/third, source: { server: it, alias: ${id}/other }, servers: [from] }`,
        '',
      ].join('\n'),
    )
    const report = await applyOf(path)
    expect(outcomesOf(report)).toEqual([
      'it: upload-image: done',
      'it: create-alias: done',
      'it: copy-image: done',
      'it: create-alias: done',
      'from: upload-image: done',
      'from: create-alias: done',
      'from: create-alias: done',
      'from: create-alias: done',
      'from: copy-image: done',
      'from: create-alias: done',
    ])
    const { fingerprint } = await fingerprintOf(file)
    expect((await target.client.aliases.get(`${id}/mirror`)).target).toBe(fingerprint)
    expect((await source.client.aliases.get(`${id}/back`)).target).toBe(fingerprint)
    expect(actionsOf(await planOf(path))).toEqual([])

    makeImage(file, `${id} newer`)
    const newer = await prepare(path)
    expect(actionsOf(newer.plan).filter((action) => action.endsWith('image'))).toEqual([
      'copy-image',
      'upload-image',
    ])
    makeImage(file, `${id} newer still`)
    const failed = await carryOutPlan(newer.plan, { ...newer, signal: new AbortController().signal })
    await newer.close()
    const [copy] = failed.servers[0]?.results ?? []
    expect(copy?.outcome).toBe('skipped')
    expect(copy?.error?.message).toContain('not started: "from" did not get the image: Cannot upload')
    expect((await target.client.aliases.get(`${id}/mirror`)).target).toBe(fingerprint)

    // A run for one server alone copies the image that the alias has now.
    expect(actionsOf(await planOf(path, { servers: ['it'] }))).toEqual([])
    expect((await applyOf(path)).servers.map(({ status }) => status)).toEqual(['done', 'done'])
    expect(actionsOf(await planOf(path))).toEqual([])
  })

  test('an image with a circular source or an unreachable server is a problem of its own', async () => {
    const path = write(
      [
        `  - { name: ${id}/a, source: { server: from, alias: ${id}/b }, servers: [it] }`,
        `  - { name: ${id}/b, source: { server: it, alias: ${id}/a }, servers: [from] }`,
        `  - { name: ${id}/c, source: { server: gone, alias: ${id}/c }, servers: [it] }`,
        `  - { name: ${id}/d, source: { file: "${image('one')}" }, servers: [it] }`,
        '',
      ].join('\n'),
      `it: ${target.yaml}, from: ${source.yaml}, gone: { url: "https://127.0.0.1:1" }`,
    )
    const report = await applyOf(path)
    expect(report.servers.map(({ name, status }) => [name, status])).toEqual([
      ['it', 'failed'],
      ['from', 'failed'],
    ])
    const [upload, alias, circle, gone, back] = outcomesOf(report)
    expect([upload, alias]).toEqual(['it: upload-image: done', 'it: create-alias: done'])
    expect(circle).toContain(
      `${path}:5:34: Cannot copy image "${id}/a": "${id}/a" is copied from "${id}/b" is copied from "${id}/a", which is circular`,
    )
    expect(gone).toContain(`it: ${id}/c: ${path}:7:34: Cannot`)
    expect(back).toContain('which is circular')
  })
})
