import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chooseTargets } from '@hyperkit/conformance'
import type { Client, Image } from '@hyperkit/core'
import { explainNewAlias } from '@hyperkit/core/parts'
import type { ImageServerOptions } from '@hyperkit/embedded'
import { uploadImage } from '@hyperkit/files'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeImage, makeSplitImage } from './make-image.ts'
import { describeReal, type OpenServer, openEmbedded, openOver } from './open-server.ts'
import { runCommand } from './start-command.ts'

type Dialect = ImageServerOptions['dialect']
type Open = (folder: string, options?: Omit<ImageServerOptions, 'dialect'>) => Promise<OpenServer>

const embedded =
  (dialect: Dialect): Open =>
  (folder, options) =>
    openEmbedded(folder, { ...options, dialect })
const real = (dialect: 'lxd' | 'incus'): Open | undefined => {
  const described = describeReal(dialect)
  return described && ((folder) => openOver(folder, described))
}

const pairs: [string, Open | undefined, Open | undefined][] = [
  ['an embedded LXD to an embedded Incus', embedded('lxd'), embedded('incus')],
  ['an embedded Incus to an embedded LXD', embedded('incus'), embedded('lxd')],
  ['a real LXD to a real Incus', real('lxd'), real('incus')],
  ['a real Incus to a real LXD', real('incus'), real('lxd')],
]

/** A profile for the real servers; an embedded server has only `default`. */
const profile = `p-${randomUUID().slice(0, 8)}`

const hostile = [
  '24.04',
  'yes',
  '~',
  'it\'s "quoted"',
  'two\nlines',
  '🙂ü',
  '$'.concat('{HOME}'),
  '\u001b[31mred',
  '#',
  '<<',
]

describe.each(chooseTargets(pairs))('from %s', (title, openFrom, openTo) => {
  const knowsProfiles = title.includes('real')
  let cwd = ''
  let [from, to] = [] as unknown as [OpenServer, OpenServer]
  let id = ''
  let made: string[] = []

  beforeAll(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'hk-export-'))
    if (openFrom === undefined || openTo === undefined) return
    from = await openFrom(cwd)
    to = await openTo(cwd)
    if (knowsProfiles)
      for (const { client } of [from, to]) await ask(client, 'POST', '/1.0/profiles', { name: profile })
  })
  afterAll(async () => {
    if (knowsProfiles)
      for (const each of [from, to]) if (each) await ask(each.client, 'DELETE', `/1.0/profiles/${profile}`)
    await from?.close()
    await to?.close()
    rmSync(cwd, { recursive: true, force: true })
  })
  beforeEach((context) => {
    if (openFrom === undefined || openTo === undefined) context.skip('HYPERKIT_SERVERS names no such servers')
    id = `x${randomUUID().slice(0, 8)}`
  })
  afterEach(async () => {
    for (const client of [from?.client, to?.client])
      for (const fingerprint of made)
        if (await client?.images.find(fingerprint)) await client?.images.delete(fingerprint)
    made = []
  })

  const run = (...args: string[]) => runCommand(args, { cwd })
  const path = (name: string): string => join(cwd, name)

  /** Makes three images with every attribute that a manifest can express, and one that it cannot express. */
  async function fill(client: Client): Promise<void> {
    makeImage(path('a.tar.gz'), `${id} a`)
    makeImage(path('b.tar.gz'), `${id} b`)
    makeImage(path('bare.tar.gz'), `${id} bare`)
    const split = { metadata: path('meta.tar.gz'), rootfs: path('root.tar.gz') }
    makeSplitImage(split, id)
    const a = await uploadImage(client, path('a.tar.gz'), { public: true })
    await client.images.update(a.fingerprint, {
      // This removes a property that the image file has; it must not come back on the other server.
      properties: Object.fromEntries(hostile.map((text) => [`k${text}`, text])),
      expiresAt: new Date('2031-02-03T04:05:06Z'),
    })
    const servers = await Promise.all([from, to].map((one) => one.client.server()))
    for (const [index, text] of hostile.filter((each) => !/\p{Cc}/u.test(each)).entries()) {
      // Incus 6.0.5 and newer accept fewer names.
      const names = [`${id} ${index} ${text}`, `${id}/${index}/${text}/z`]
      const name = names.find((each) => servers.every((one) => explainNewAlias(one, each) === undefined))
      if (name !== undefined) await client.aliases.create(name, { target: a.fingerprint, description: text })
    }
    const b = await uploadImage(client, path('b.tar.gz'), { filename: 'noble.tar.gz' })
    await client.images.update(b.fingerprint, { profiles: knowsProfiles ? [profile, 'default'] : [] })
    await client.aliases.create(`${id}/b`, { target: b.fingerprint })
    await client.aliases.create(`hyperkit.lock/${id}`, { target: b.fingerprint })
    const c = await uploadImage(client, split)
    await client.aliases.create(`${id}/split`, { target: c.fingerprint })
    const bare = await uploadImage(client, path('bare.tar.gz'))
    made = [a, b, c, bare].map(({ fingerprint }) => fingerprint)
  }

  test('a bundle rebuilds everything on an empty server, without the first one', async () => {
    await fill(from.client)
    writeFileSync(path('fleet.yaml'), manifest('fleet', from))
    const names = await aliasesOf(from.client, id)
    const made = await run('export', ...names, '-f', 'fleet.yaml', '--with-files', 'bundle')
    expect(made).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('Wrote a manifest of 3 images to "bundle/images.yaml"'),
    })

    expect(await run('plan', 'bundle/images.yaml', '--detailed-exitcode')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('No changes.'),
    })
    const check = spawnSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], {
      cwd: path('bundle'),
      encoding: 'utf8',
    })
    expect([check.status, check.stdout.trim().split('\n').length]).toEqual([0, 5])

    const text = readFileSync(path('bundle/images.yaml'), 'utf8')
    writeFileSync(path('bundle/images.yaml'), text.replace(/^ {2}it: .*$/m, `  it: ${to.yaml}`))
    expect(await run('apply', 'bundle/images.yaml', '--yes')).toMatchObject({ code: 0 })
    expect(await describeAll(to.client, id)).toEqual(await describeAll(from.client, id))
    expect(await run('plan', 'bundle/images.yaml', '--detailed-exitcode')).toMatchObject({ code: 0 })
  })

  test('a plan of an exported manifest has no changes, whoever owns the images', async () => {
    await fill(from.client)
    writeFileSync(path('fleet.yaml'), manifest('fleet', from))
    const [first = '', ...others] = (await aliasesOf(from.client, id)).sort()
    // One alias belongs to another manifest, the others to none.
    const { target, etag, description } = await from.client.aliases.get(first)
    const mark = `${description} [hyperkit: theirs]`.trim()
    await from.client.aliases.update(first, { target, description: mark }, { ifMatch: etag })
    const printed = await run('export', first, ...others, '-f', 'fleet.yaml')
    expect(printed).toMatchObject({ code: 0, stderr: '' })
    expect(printed.stdout).not.toContain('hyperkit.lock')
    writeFileSync(path('live.yaml'), printed.stdout)
    expect(await run('plan', 'live.yaml', '--detailed-exitcode')).toMatchObject({
      code: 0,
      stdout: 'No changes. 3 images on 1 server are as "live.yaml" says.\n',
    })
    expect(await run('apply', 'live.yaml', '--yes')).toMatchObject({ code: 0 })
    expect((await from.client.aliases.get(first)).description).toBe(mark)
    for (const image of await ownImages(from.client, id))
      expect(Object.keys(image.properties).filter((key) => key.startsWith('hyperkit.'))).toEqual([])
  })

  test('content that both servers have is one entry with its differences, and a plan has no changes', async () => {
    makeImage(path('both.tar.gz'), `${id} both`)
    const { fingerprint } = await uploadImage(from.client, path('both.tar.gz'), { public: true })
    await uploadImage(to.client, path('both.tar.gz'))
    made = [fingerprint]
    await from.client.aliases.create(id, { target: fingerprint, description: 'here' })
    await to.client.aliases.create(id, { target: fingerprint })
    await to.client.aliases.create(`${id}/b`, { target: fingerprint })
    const image = await to.client.images.get(fingerprint)
    await to.client.images.update(fingerprint, {
      properties: { ...image.properties, os: 'other' },
      expiresAt: new Date('2031-02-03T04:05:06.789Z'),
    })
    writeFileSync(
      path('two.yaml'),
      `version: 1\nname: two\nservers:\n  one: ${from.yaml}\n  two: ${to.yaml}\nimages: []\n`,
    )
    const { code, stdout } = await run('export', id, '-f', 'two.yaml')
    expect(code).toBe(0)
    expect(stdout.match(/- name: .*/g)).toEqual([`- name: ${id}`])
    expect(stdout).toContain('    overrides:\n      two:\n')
    writeFileSync(path('both.yaml'), stdout)
    expect(await run('plan', 'both.yaml', '--detailed-exitcode')).toMatchObject({
      code: 0,
      stdout: 'No changes. 1 image on 2 servers is as "both.yaml" says.\n',
    })
  })

  test('an alias that points at another image on each server is one entry for each, and a plan has no changes', async () => {
    made = []
    for (const { client } of [from, to]) {
      makeImage(path('each.tar.gz'), `${id} ${client.name}`)
      const { fingerprint } = await uploadImage(client, path('each.tar.gz'), { aliases: [id] })
      made.push(fingerprint)
    }
    const servers = `servers:\n  one: ${from.yaml}\n  two: ${to.yaml}\n`
    writeFileSync(path('two.yaml'), `version: 1\nname: two\n${servers}images: []\n`)
    const args = ['export', id, '-f', 'two.yaml', '--name', `own-${id}`] as const
    const { code, stdout } = await run(...args)
    expect(code).toBe(0)
    expect(stdout.match(/- name: .*|servers: \[.*/g)).toEqual([
      ...[`- name: ${id}`, 'servers: [ one ]'],
      ...[`- name: ${id}`, 'servers: [ two ]'],
    ])
    writeFileSync(path('each.yaml'), stdout)
    const same = 'No changes. 1 image on 2 servers is as "each.yaml" says.\n'
    expect(await run('plan', 'each.yaml', '--detailed-exitcode')).toMatchObject({ code: 0, stdout: same })
    expect((await run('adopt', id, '-f', 'each.yaml', '--yes')).code).toBe(0)
    expect((await run('history', id, '-f', 'each.yaml')).stdout.match(/\* [0-9a-f]{12}/g)).toEqual(
      made.map((fingerprint) => `* ${fingerprint.slice(0, 12)}`),
    )
    expect(await run('plan', 'each.yaml', '--detailed-exitcode')).toMatchObject({ code: 0, stdout: same })

    const folder = `each-${id}`
    expect((await run(...args, '--with-files', folder)).code).toBe(0)
    for (const [index, { client }] of [from, to].entries()) await client.images.delete(made[index] ?? '')
    expect((await run('apply', `${folder}/images.yaml`, '--yes')).code).toBe(0)
    for (const [index, { client }] of [from, to].entries())
      expect((await client.aliases.get(id)).target).toBe(made[index])
    expect(await run('update', `${folder}/images.yaml`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`Cannot lock image "${id}"`),
    })
    const elsewhere = await run('promote', id, '-f', 'each.yaml', '--from', 'one', '--to', 'two', '--yes')
    expect([elsewhere.code, elsewhere.stderr]).toEqual([0, expect.anything()])
    expect((await to.client.aliases.get(id)).target).toBe(made[0])
    await to.client.images.delete(made[0] ?? '')
  })

  test('files that are saved already are not loaded again, and files that were edited by hand are not replaced', async () => {
    await fill(from.client)
    writeFileSync(path('fleet.yaml'), manifest('fleet', from))
    const folder = `again-${id}`
    const args = ['export', `${id}/b`, '-f', 'fleet.yaml', '--with-files', folder] as const
    expect((await run(...args)).code).toBe(0)
    const [blob = ''] = readdirSync(path(`${folder}/blobs`))
    const { mtimeMs } = statSync(path(`${folder}/blobs/${blob}`))
    expect(await run(...args)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('it exists already'),
    })
    const forced = await run(...args, '--force')
    expect([forced.code, forced.stderr]).toEqual([0, expect.stringContaining(`${id}/b: exists already`)])
    expect(statSync(path(`${folder}/blobs/${blob}`)).mtimeMs).toBe(mtimeMs)
  })
})

async function ask(client: Client, method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<void> {
  await client.request({ method, path, json: body })
}

function manifest(name: string, server: OpenServer): string {
  return `version: 1\nname: ${name}\nservers:\n  it: ${server.yaml}\nimages: []\n`
}

async function ownImages(client: Client, id: string): Promise<Image[]> {
  const images = await client.images.list()
  return images.filter(({ aliases }) => aliases.some(({ name }) => name.startsWith(id)))
}

async function aliasesOf(client: Client, id: string): Promise<string[]> {
  return (await ownImages(client, id)).flatMap(({ aliases }) =>
    aliases.map(({ name }) => name).filter((name) => name.startsWith(id)),
  )
}

/** The visible state of the images, without their owners. */
async function describeAll(client: Client, id: string): Promise<unknown[]> {
  return (await ownImages(client, id)).map(
    ({ fingerprint, aliases, properties, expiresAt, profiles, ...image }) => ({
      fingerprint,
      expiresAt,
      profiles,
      public: image.public,
      filename: image.filename,
      properties: Object.fromEntries(
        Object.entries(properties).filter(([key]) => !key.startsWith('hyperkit.')),
      ),
      aliases: aliases
        .filter(({ name }) => name.startsWith(id))
        .map(({ name, description }) => [name, description.replace(/ ?\[hyperkit: .*\]$/, '')])
        .sort(),
    }),
  )
}
