import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chooseTargets } from '@hyperkit/conformance'
import type { Client } from '@hyperkit/core'
import { explainNewAlias } from '@hyperkit/core/parts'
import { fingerprintOf, uploadImage } from '@hyperkit/files'
import { changesOf, loadManifest, type Plan } from '@hyperkit/reconcile'
import {
  carryOutPlan,
  type Desired,
  planChanges,
  planPruning,
  readObserved,
  resolveDesired,
} from '@hyperkit/reconcile/parts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeImage, makeSplitImage } from './make-image.ts'
import { describeReal, type OpenServer, openEmbedded, openOver } from './open-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-apply-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const targets: [string, undefined | (() => Promise<OpenServer>)][] = [
  ['an embedded LXD', () => openEmbedded(folder, { dialect: 'lxd' })],
  ['an embedded Incus', () => openEmbedded(folder, { dialect: 'incus' })],
  ...(['lxd', 'incus'] as const).map((dialect): [string, undefined | (() => Promise<OpenServer>)] => {
    const described = describeReal(dialect)
    return [`a real ${dialect}`, described && (() => openOver(folder, described))]
  }),
]

describe.each(chooseTargets(targets))('on %s', (_, open) => {
  let server: OpenServer
  let client: Client
  // Names and contents of this test alone, because other tests may use a real server at the same time.
  let id = ''
  const made: string[] = []
  let file = ''

  beforeAll(async () => {
    if (open === undefined) return
    server = await open()
    client = server.client
  })
  afterAll(async () => {
    if (open === undefined) return
    for (const fingerprint of made)
      if (await client.images.find(fingerprint)) await client.images.delete(fingerprint)
    await server.close()
  })
  beforeEach((context) => {
    if (open === undefined) context.skip('HYPERKIT_SERVERS names no such server')
    id = `t${randomUUID().slice(0, 8)}`
    file = join(folder, `${id}.tar.gz`)
    makeImage(file, id)
  })

  const desire = async (images: string): Promise<Desired> => {
    const path = join(folder, `${id}.yaml`)
    writeFileSync(path, `version: 1\nname: test-${id}\nservers:\n  it: ${server.yaml}\nimages:\n${images}`)
    const desired = await resolveDesired(await loadManifest(path), {
      fingerprint: (files) => fingerprintOf(files.kind === 'unified' ? files.file : files),
    })
    made.push(...desired.servers.flatMap((each) => each.images.map(({ fingerprint }) => fingerprint)))
    return desired
  }
  const plan = async (desired: Desired): Promise<Plan> =>
    planChanges(desired, await readObserved(desired, { open: async () => client }))
  const planWithPruning = async (desired: Desired): Promise<Plan> => {
    const observed = await readObserved(desired, { open: async () => client, versions: true })
    return planPruning(planChanges(desired, observed), desired, observed, { now: new Date(), alone: false })
  }
  const apply = (planned: Plan, signal = new AbortController().signal) =>
    carryOutPlan(planned, { signal, open: async () => client, identify: (name) => name })
  const actions = (planned: Plan) => changesOf(planned).map(({ action }) => action)

  test('an apply makes the server match the manifest, and the next one finds nothing to do', async () => {
    const info = await client.server()
    // Incus 6.0.5 and newer accept fewer names.
    const odd =
      [`${id} ?#%/ü`, `${id}:#%/ü=1`].find((name) => explainNewAlias(info, name) === undefined) ?? ''
    const desired = await desire(
      `  - name: ${id}/one\n    source: { file: ${file} }\n    aliases: ["${odd}", { name: ${id}/lts, description: The LTS }]\n    public: true\n    properties: { release: noble, description: "" }\n    expiresAt: 2030-01-01\n`,
    )
    const report = await apply(await plan(desired))
    expect(report.servers).toMatchObject([{ name: 'it', status: 'done' }])
    const image = await client.images.getByAlias(odd)
    expect(image).toMatchObject({
      fingerprint: desired.servers[0]?.images[0]?.fingerprint,
      public: true,
      expiresAt: new Date('2030-01-01'),
      filename: `${id}.tar.gz`,
    })
    expect(image.properties).toEqual({
      os: 'hyperkit',
      release: 'noble',
      'hyperkit.manifest': `test-${id}`,
      'hyperkit.image': `${id}/one`,
    })
    expect((await client.aliases.get(`${id}/lts`)).description).toBe(`The LTS [hyperkit: test-${id}]`)
    expect(actions(await plan(desired))).toEqual([])
  })

  test('a split image whose metadata has no properties is uploaded', async () => {
    const paths = { metadata: join(folder, `${id}.meta.tar.gz`), rootfs: join(folder, `${id}.root.tar.gz`) }
    makeSplitImage(paths, id)
    const desired = await desire(
      `  - name: ${id}\n    source: { metadata: ${paths.metadata}, rootfs: ${paths.rootfs} }\n    properties: { a: b }\n`,
    )
    await apply(await plan(desired))
    expect((await client.images.getByAlias(id)).properties).toEqual({
      a: 'b',
      'hyperkit.manifest': `test-${id}`,
      'hyperkit.image': id,
    })
    expect(actions(await plan(desired))).toEqual([])
  })

  test('new content is uploaded, then the alias moves to it, and the old image stays', async () => {
    const manifest = `  - { name: ${id}, source: { file: ${file} } }\n`
    const before = await desire(manifest)
    await apply(await plan(before))
    makeImage(file, `${id} newer`)
    const desired = await desire(manifest)
    const planned = await plan(desired)
    expect(actions(planned)).toEqual(['upload-image', 'update-alias'])
    expect((await apply(planned)).servers[0]?.status).toBe('done')
    expect((await client.aliases.get(id)).target).toBe(desired.servers[0]?.images[0]?.fingerprint)
    expect(await client.images.find(before.servers[0]?.images[0]?.fingerprint ?? '')).toBeDefined()
    expect(actions(await plan(desired))).toEqual([])
  })

  test('an alias that somebody else changed since the plan was made is left alone and reported', async () => {
    const manifest = `  - { name: ${id}, source: { file: ${file} }, properties: { a: b } }\n`
    const old = await desire(manifest)
    await apply(await plan(old))
    const fingerprint = old.servers[0]?.images[0]?.fingerprint ?? ''
    makeImage(file, `${id} newer`)
    const moved = await plan(await desire(manifest))
    await client.aliases.update(id, { description: 'mine' })
    const [report] = (await apply(moved)).servers
    expect(report?.results.map(({ outcome }) => outcome)).toEqual(['done', 'failed'])
    expect(report?.results[1]?.error).toMatchObject({
      code: 'precondition-failed',
      message: expect.stringContaining(
        `it was changed since the plan was made: it points at ${fingerprint.slice(0, 12)} as before, but its description was changed; plan again`,
      ),
    })
    expect(await client.aliases.get(id)).toMatchObject({ target: fingerprint, description: 'mine' })

    makeImage(file, id)
    const altered = await plan(await desire(manifest.replace('a: b', 'a: c')))
    await client.images.patch(fingerprint, { properties: { a: 'mine' } })
    expect((await apply(altered)).servers[0]?.results[0]?.error?.code).toBe('precondition-failed')
    expect((await client.images.get(fingerprint)).properties.a).toBe('mine')
  })

  test('a file that changed since the plan was made is not sent', async () => {
    const planned = await plan(await desire(`  - { name: ${id}, source: { file: ${file} } }\n`))
    makeImage(file, `${id} newer`)
    const [report] = (await apply(planned)).servers
    expect(report?.results.map(({ outcome, error }) => [outcome, error?.code])).toEqual([
      ['failed', 'fingerprint-mismatch'],
      ['skipped', 'skipped'],
    ])
    expect(await client.aliases.find(id)).toBeUndefined()
  })

  test('a file that is not complete is not sent, and the alias stays on the good image', async () => {
    const manifest = `  - { name: ${id}, source: { file: ${file} } }\n`
    const desired = await desire(manifest)
    await apply(await plan(desired))
    const good = desired.servers[0]?.images[0]?.fingerprint ?? ''
    makeImage(file, `${id} newer`)
    truncateSync(file, statSync(file).size - 20)
    const [report] = (await apply(await plan(await desire(manifest)))).servers
    expect(report?.results.map(({ outcome, error }) => [outcome, error?.code])).toEqual([
      ['failed', 'file-damaged'],
      ['skipped', 'skipped'],
    ])
    expect(report?.results[0]?.error?.message).toContain('its end is missing')
    expect((await client.aliases.get(id)).target).toBe(good)
  })

  test('an image that should be absent is deleted with its aliases, if the manifest created it', async () => {
    const desired = await desire(`  - { name: ${id}, source: { file: ${file} }, aliases: [${id}/b] }\n`)
    await apply(await plan(desired))
    const gone = await desire(`  - { name: ${id}, state: absent, aliases: [${id}/b, ${id}/never] }\n`)
    const planned = await plan(gone)
    expect(actions(planned)).toEqual(['delete-image'])
    await apply(planned)
    expect(await client.images.find(desired.servers[0]?.images[0]?.fingerprint ?? '')).toBeUndefined()
    expect(actions(await plan(gone))).toEqual([])
  })

  test('with keep: 2 the current version and the one before it stay, and a run with a failure deletes nothing', async () => {
    const manifest = `  - { name: ${id}, source: { file: ${file} }, keep: 2 }\nprune: {}\n`
    const versions: string[] = []
    const next = async (): Promise<Plan> => {
      makeImage(file, `${id} ${versions.length}`)
      const desired = await desire(manifest)
      versions.push(desired.servers[0]?.images[0]?.fingerprint ?? '')
      return planWithPruning(desired)
    }
    const there = async (): Promise<boolean[]> =>
      Promise.all(versions.map(async (fingerprint) => (await client.images.find(fingerprint)) !== undefined))
    for (const _ of [1, 2]) expect((await apply(await next())).servers[0]?.status).toBe('done')
    expect(await there()).toEqual([true, true])

    const planned = await next()
    expect(actions(planned)).toEqual(['upload-image', 'update-alias', 'delete-image'])
    await client.aliases.update(id, { description: 'mine' })
    const [failed] = (await apply(planned)).servers
    expect(failed?.results.map(({ outcome }) => outcome)).toEqual(['done', 'failed', 'skipped'])
    expect(await there()).toEqual([true, true, true])

    const again = await planWithPruning(await desire(manifest))
    expect(actions(again)).toEqual(['update-alias', 'delete-image'])
    expect((await apply(again)).servers[0]?.status).toBe('done')
    expect(await there()).toEqual([false, true, true])
    expect(actions(await planWithPruning(await desire(manifest)))).toEqual([])
  })

  test('a mark that was lost or never written is restored, but not on an image that somebody else named', async () => {
    const desired = await desire(`  - { name: ${id}, source: { file: ${file} } }\n`)
    const fingerprint = desired.servers[0]?.images[0]?.fingerprint ?? ''
    await uploadImage(client, file)
    expect(actions(await plan(desired))).toEqual(['update-image', 'create-alias'])
    await apply(await plan(desired))
    await client.images.update(fingerprint, { properties: {} })
    expect(actions(await plan(desired))).toEqual(['update-image'])
    await client.aliases.create(`${id}/theirs`, { target: fingerprint })
    expect(actions(await plan(desired))).toEqual([])
    await client.aliases.delete(`${id}/theirs`)
    await apply(await plan(desired))
    expect((await client.images.get(fingerprint)).properties).toEqual({
      'hyperkit.manifest': `test-${id}`,
      'hyperkit.image': id,
    })
  })

  test('an apply that is interrupted before it begins does nothing and reports what is left', async () => {
    const planned = await plan(await desire(`  - { name: ${id}, source: { file: ${file} } }\n`))
    const [report] = (await apply(planned, AbortSignal.abort(new Error('stop')))).servers
    expect(report).toMatchObject({ status: 'interrupted' })
    expect(report?.results.map(({ outcome }) => outcome)).toEqual(['skipped', 'skipped'])
  })
})
