import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client, Image } from '@hyperkit/core'
import { fingerprintOf, uploadImage } from '@hyperkit/files'
import { changesOf, type FieldChange, loadManifest, type Plan } from '@hyperkit/reconcile'
import {
  carryOutPlan,
  type Desired,
  planChanges,
  readObserved,
  resolveDesired,
} from '@hyperkit/reconcile/parts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeImage, makeSplitImage } from './make-image.ts'
import type { OpenServer } from './open-server.ts'
import { serverTargets } from './server-targets.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-attributes-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(serverTargets(folder))('on %s', (title, open) => {
  let server: OpenServer
  let client: Client
  // Names, contents, profiles and a project of this test alone, because other tests may use a real server at the same time.
  let id = ''
  let file = ''
  let fingerprint = ''
  const project = `hk-${randomUUID().slice(0, 8)}`
  const profiles = ['z', 'a'].map((letter) => `${letter}-${project}`)
  const knowsProfiles = title.includes('real')

  const ask = (method: 'POST' | 'DELETE', path: string, json?: object) =>
    client.request({ method, path, json })

  beforeAll(async () => {
    if (open === undefined) return
    server = await open()
    client = server.client
    await ask('POST', '/1.0/projects', { name: project, config: { 'features.images': 'true' } })
    if (knowsProfiles) for (const name of profiles) await ask('POST', '/1.0/profiles', { name })
  })
  afterAll(async () => {
    if (open === undefined) return
    if (knowsProfiles) for (const name of profiles) await ask('DELETE', `/1.0/profiles/${name}`)
    await ask('DELETE', `/1.0/projects/${project}`)
    await server.close()
  })
  beforeEach(async (context) => {
    if (open === undefined) return context.skip('HYPERKIT_SERVERS names no such server')
    id = `a${randomUUID().slice(0, 8)}`
    file = join(folder, `${id}.tar.gz`)
    makeImage(file, id)
    fingerprint = (await fingerprintOf(file)).fingerprint
  })
  afterEach(async () => {
    if (open === undefined) return
    for (const each of [client, client.project(project)])
      for (const image of await each.images.list())
        if (image.fingerprint === fingerprint || image.properties['hyperkit.manifest'] === `test-${id}`)
          await each.images.delete(image.fingerprint)
  })

  /** An image of the manifest, as a map in YAML. */
  const desire = async (image: string, head = ''): Promise<Desired> => {
    const path = join(folder, `${id}.yaml`)
    const twin = server.yaml.replace('{', `{ labels: { tier: edge }, project: ${project}, `)
    writeFileSync(
      path,
      `version: 1\nname: test-${id}\n${head}servers:\n  it: ${server.yaml}\n  twin: ${twin}\nimages:\n  - { name: ${id}, ${image} }\n`,
    )
    return resolveDesired(await loadManifest(path), {
      fingerprint: (files) => fingerprintOf(files.kind === 'unified' ? files.file : files),
    })
  }
  const onIt = (more: string): Promise<Desired> => desire(`source: { file: ${file} }, servers: [it], ${more}`)
  const openServer = async (name: string): Promise<Client> =>
    name === 'twin' ? client.project(project) : client
  const plan = async (desired: Desired): Promise<Plan> =>
    planChanges(desired, await readObserved(desired, { open: openServer }))
  const apply = async (planned: Plan) => {
    const { signal } = new AbortController()
    return (await carryOutPlan(planned, { signal, open: openServer, identify: (name) => name })).servers
  }
  const fieldsOf = (planned: Plan): FieldChange[] =>
    changesOf(planned).flatMap((change) => (change.action === 'update-image' ? change.fields : []))
  /** Applies the manifest, checks that no changes are left, and returns the image. */
  const settle = async (desired: Desired): Promise<Image> => {
    const reports = await apply(await plan(desired))
    expect(reports.map(({ status, results }) => [status, results.map(({ error }) => error)])).toEqual(
      reports.map(({ results }) => ['done', results.map(() => undefined)]),
    )
    expect(changesOf(await plan(desired))).toEqual([])
    return client.images.get(fingerprint)
  }
  const own = ({ properties }: Image): object =>
    Object.fromEntries(Object.entries(properties).filter(([key]) => !key.startsWith('hyperkit.')))

  test('autoUpdate, profiles and the file’s name match the manifest on new and on existing images', async () => {
    const first = await settle(await onIt('autoUpdate: true, profiles: [], filename: "ü b.tar.gz"'))
    expect(first).toMatchObject({ autoUpdate: true, profiles: [], filename: 'ü b.tar.gz' })

    const desired = await onIt('autoUpdate: false, profiles: [default], filename: other.tar.gz')
    expect(fieldsOf(await plan(desired))).toEqual([
      { field: 'autoUpdate', before: true, after: false },
      { field: 'profiles', before: [], after: ['default'] },
    ])
    const second = await settle(desired)
    // A server never changes the filename of an image, so another filename in the manifest is not a difference.
    expect(second).toMatchObject({ autoUpdate: false, profiles: ['default'], filename: 'ü b.tar.gz' })

    expect(await settle(await onIt('public: true'))).toMatchObject({ profiles: ['default'], public: true })
  })

  test('an expiry from the archive is removed if the manifest says never, and stays otherwise', async () => {
    makeImage(file, id, 'expiry_date: 1900000000\n')
    fingerprint = (await fingerprintOf(file)).fingerprint
    expect((await settle(await onIt('public: true'))).expiresAt).toEqual(new Date(1_900_000_000_000))
    await client.images.delete(fingerprint)
    expect((await settle(await onIt('expiresAt: never'))).expiresAt).toBeUndefined()
  })

  test('a split image gets the name that the manifest gives it', async () => {
    const paths = { metadata: join(folder, `${id}.meta.tar.gz`), rootfs: join(folder, `${id}.root.tar.gz`) }
    makeSplitImage(paths, id)
    fingerprint = (await fingerprintOf(paths)).fingerprint
    const image = await settle(
      await desire(
        `source: { metadata: ${paths.metadata}, rootfs: ${paths.rootfs} }, servers: [it], filename: named.root`,
      ),
    )
    expect(image.filename).toBe('named.root')
  })

  test('several profiles may be given in any order', async (context) => {
    if (!knowsProfiles) return context.skip('the embedded server has one profile')
    const both = await settle(await onIt(`profiles: [${profiles.join(', ')}]`))
    expect([...both.profiles].sort()).toEqual([...profiles].sort())
    expect(changesOf(await plan(await onIt(`profiles: [${[...profiles].reverse().join(', ')}]`)))).toEqual([])
    const one = await settle(await onIt(`profiles: [${profiles[1]}]`))
    expect(one.profiles).toEqual([profiles[1]])
  })

  test('a profile that the server does not have is named by the plan, and nothing is done to the image', async () => {
    const wrong = await plan(await onIt('profiles: [default, defautl]'))
    expect(changesOf(wrong)).toEqual([])
    const message = `Cannot plan image "${id}" for "it": the server has no profile "defautl"; did you mean "default"?`
    const problem = { image: id, error: { code: 'not-found', message } }
    expect(await apply(wrong)).toMatchObject([{ status: 'failed', results: [], problems: [problem] }])
    expect(await client.images.find(fingerprint)).toBeUndefined()

    await settle(await onIt('public: true'))
    const [again] = (await plan(await onIt('profiles: [nope]'))).servers
    expect(again).toMatchObject({
      changes: [],
      problems: [{ error: { message: expect.stringContaining('has no profile "nope"; create it there') } }],
    })
  })

  test('profiles and expiries that somebody changed since the plan was made are left alone and reported', async () => {
    await settle(await onIt('profiles: [default], expiresAt: 2030-01-01'))
    for (const [wish, theirs, field] of [
      ['profiles: []', { expiresAt: new Date('2031-01-01') }, undefined],
      ['expiresAt: never', { expiresAt: new Date('2032-01-01') }, 'expiresAt'],
    ] as const) {
      const planned = await plan(await onIt(wish))
      await client.images.update(fingerprint, theirs)
      const [result] = (await apply(planned))[0]?.results ?? []
      if (field === undefined) expect(result?.outcome).toBe('done')
      else {
        expect(result?.error?.code).toBe('precondition-failed')
        expect(result?.error?.message).toContain(`its ${field} was changed since it was read; plan again`)
      }
    }
    const planned = await plan(await onIt('profiles: [default]'))
    expect(fieldsOf(planned)).toEqual([{ field: 'profiles', before: [], after: ['default'] }])
    await client.images.update(fingerprint, { profiles: ['default'] })
    expect((await apply(planned))[0]?.results[0]?.outcome).toBe('done')
  })

  test('exact properties are exact on a new image and after somebody added one, and the marks stay', async () => {
    const desired = await onIt('propertiesMode: exact, properties: { release: noble, none: "" }')
    const first = await settle(desired)
    expect(own(first)).toEqual({ release: 'noble' })
    expect(first.properties).toMatchObject({ 'hyperkit.manifest': `test-${id}`, 'hyperkit.image': id })

    await client.images.patch(fingerprint, { properties: { theirs: 'x', os: 'y', release: 'z' } })
    expect(fieldsOf(await plan(desired))).toEqual([
      { field: 'property', key: 'os', before: 'y', after: null },
      { field: 'property', key: 'release', before: 'z', after: 'noble' },
      { field: 'property', key: 'theirs', before: 'x', after: null },
    ])
    expect((await settle(desired)).properties).toEqual(first.properties)
  })

  test('the next run sets the exact properties of an image that a killed run left without its attributes', async () => {
    await uploadImage(client, file)
    const desired = await onIt('propertiesMode: exact, properties: { a: b }')
    expect(fieldsOf(await plan(desired)).filter((field) => 'key' in field && field.after === null)).toEqual([
      { field: 'property', key: 'description', before: 'a test image', after: null },
      { field: 'property', key: 'os', before: 'hyperkit', after: null },
    ])
    expect(own(await settle(desired))).toEqual({ a: 'b' })
  })

  test('a project that the server does not have is an error of that server, and nothing is planned for it', async () => {
    const desired = await desire(`source: { file: ${file} }`)
    const open = async (name: string) => (name === 'twin' ? client.project(`no-${project}`) : client)
    const [it, twin] = planChanges(desired, await readObserved(desired, { open })).servers
    expect(it).toMatchObject({
      status: 'planned',
      changes: [{ action: 'upload-image' }, { action: 'create-alias' }],
    })
    expect(twin).toMatchObject({
      status: 'unread',
      error: { code: 'not-found', message: expect.stringContaining(`it has no project "no-${project}"`) },
    })
  })

  test('an image differs on one server if the manifest says so, and a project counts as a server of its own', async () => {
    const desired = await desire(
      `source: { file: ${file} }, aliases: [${id}/lts], public: false, properties: { a: "1", b: "1" }, overrides: { twin: ` +
        `{ public: true, properties: { b: "2" }, aliases: [{ name: ${id}/edge, description: Edge }], expiresAt: 2030-01-01, autoUpdate: true, profiles: [] } }`,
      'defaults: { profiles: [default] }\n',
    )
    const it = await settle(desired)
    expect(it).toMatchObject({
      public: false,
      autoUpdate: false,
      profiles: ['default'],
      expiresAt: undefined,
    })
    expect(it.properties).toMatchObject({ a: '1', b: '1', os: 'hyperkit' })
    const twin = await client.project(project).images.get(fingerprint)
    expect(twin).toMatchObject({
      public: true,
      autoUpdate: true,
      profiles: [],
      expiresAt: new Date('2030-01-01'),
    })
    expect(twin.properties).toMatchObject({ a: '1', b: '2', os: 'hyperkit' })
    const names = ({ aliases }: Image): string[] => aliases.map(({ name }) => name).sort()
    expect([names(it), names(twin)]).toEqual([
      [id, `${id}/lts`],
      [id, `${id}/edge`],
    ])
  })

  test('an image goes to the servers with its labels', async () => {
    const desired = await desire(`source: { file: ${file} }, serverLabels: { tier: edge }`)
    expect(desired.servers.map(({ name }) => name)).toEqual(['twin'])
    expect((await apply(await plan(desired))).map(({ status }) => status)).toEqual(['done'])
    expect(changesOf(await plan(desired))).toEqual([])
    expect(await client.images.find(fingerprint)).toBeUndefined()
    expect(await client.project(project).images.find(fingerprint)).toBeDefined()
  })
})
