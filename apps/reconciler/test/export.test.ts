import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client, Image } from '@hyperkit/core'
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
const real = (dialect: Dialect): Open | undefined => {
  const described = describeReal(dialect)
  return described && ((folder) => openOver(folder, described))
}

const pairs: [string, Open | undefined, Open | undefined][] = [
  ['an embedded LXD to an embedded Incus', embedded('lxd'), embedded('incus')],
  ['an embedded Incus to an embedded LXD', embedded('incus'), embedded('lxd')],
  ['a real LXD to a real Incus', real('lxd'), real('incus')],
  ['a real Incus to a real LXD', real('incus'), real('lxd')],
]

/** An embedded server has one profile and knows no others. */
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

describe.each(pairs)('from %s', (title, openFrom, openTo) => {
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

  /** Three images with everything that a manifest can say, and one that it cannot. */
  async function fill(client: Client): Promise<void> {
    makeImage(path('a.tar.gz'), `${id} a`)
    makeImage(path('b.tar.gz'), `${id} b`)
    makeImage(path('bare.tar.gz'), `${id} bare`)
    const split = { metadata: path('meta.tar.gz'), rootfs: path('root.tar.gz') }
    makeSplitImage(split, id)
    const a = await uploadImage(client, path('a.tar.gz'), { public: true })
    await client.images.update(a.fingerprint, {
      // A property of its own file is gone; on the other side it must not come back.
      properties: Object.fromEntries(hostile.map((text) => [`k${text}`, text])),
      expiresAt: new Date('2031-02-03T04:05:06Z'),
    })
    for (const [index, text] of hostile.filter((each) => !/\p{Cc}/u.test(each)).entries())
      await client.aliases.create(`${id} ${index} ${text}`, { target: a.fingerprint, description: text })
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
      stderr: expect.stringContaining('Wrote 3 images to "bundle/images.yaml"'),
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

  test('a plan on what was exported finds nothing to do, whoever owns it', async () => {
    await fill(from.client)
    writeFileSync(path('fleet.yaml'), manifest('fleet', from))
    const [first = '', ...others] = (await aliasesOf(from.client, id)).sort()
    // One is another manifest's own, the others are nobody's.
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

  test('one content of both servers is one entry, with what differs there, and a plan finds nothing to do', async () => {
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

  test('what is saved already is not loaded again, and what was edited by hand is not replaced', async () => {
    await fill(from.client)
    writeFileSync(path('fleet.yaml'), manifest('fleet', from))
    const folder = `again-${id}`
    const args = ['export', `${id}/b`, '-f', 'fleet.yaml', '--with-files', folder] as const
    expect((await run(...args)).code).toBe(0)
    const [blob = ''] = readdirSync(path(`${folder}/blobs`))
    const { mtimeMs } = statSync(path(`${folder}/blobs/${blob}`))
    expect(await run(...args)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('a file stands there'),
    })
    const forced = await run(...args, '--force')
    expect([forced.code, forced.stderr]).toEqual([0, expect.stringContaining(`${id}/b: is there already`)])
    expect(statSync(path(`${folder}/blobs/${blob}`)).mtimeMs).toBe(mtimeMs)
  })
})

describe('servers that cannot be exported', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'hk-export-'))
  afterAll(() => rmSync(cwd, { recursive: true, force: true }))
  const run = (...args: string[]) => runCommand(args, { cwd })

  test('make no manifest at all where one of them is not known whole, or shows a stranger public images only', async () => {
    const [whole, other] = [
      await openEmbedded(cwd, { dialect: 'lxd' }),
      await openEmbedded(cwd, { dialect: 'incus' }),
    ]
    const stranger = other.yaml.replace(/, clientCertificate: "[^"]*"/, '')
    writeFileSync(
      join(cwd, 'fleet.yaml'),
      `version: 1\nname: fleet\nservers: { whole: ${whole.yaml}, other: ${stranger} }\nimages: []\n`,
    )
    const { code, stdout, stderr } = await run('export', '-f', 'fleet.yaml')
    expect([code, stdout, stderr]).toEqual([
      1,
      '',
      expect.stringContaining('the server does not trust this client'),
    ])
    await whole.close()
    await other.close()
  })

  test('make no shorter manifest where a listing took so long that the server may have cut it', async () => {
    const slow = await openEmbedded(cwd, {
      dialect: 'lxd',
      // LXD leaves out what it has not loaded after ten seconds, and says nothing.
      faults: async (request, answer) => {
        const given = await answer()
        const { pathname, searchParams } = new URL(request.url)
        if (pathname !== '/1.0/images' || searchParams.get('recursion') !== '1') return given
        const document = (await given.json()) as { metadata: unknown[] }
        await new Promise((resolve) => setTimeout(resolve, 9_100))
        return Response.json({ ...document, metadata: document.metadata.slice(1) })
      },
    })
    for (const name of ['one', 'two']) {
      makeImage(join(cwd, 'x.tar.gz'), name)
      await uploadImage(slow.client, join(cwd, 'x.tar.gz'), { aliases: [name] })
    }
    writeFileSync(join(cwd, 'slow.yaml'), manifest('slow', slow))
    const made = await run('export', '-f', 'slow.yaml', '--with-files', 'slow')
    expect([made.code, made.stdout, made.stderr]).toEqual([
      1,
      '',
      expect.stringMatching(/^Cannot list all images of .*; 1 came\n$/),
    ])
    expect(existsSync(join(cwd, 'slow'))).toBe(false)
    await slow.close()
  })

  test('are refused with a reason where none is named, or both ways', async () => {
    expect(await run('export')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('give --remote NAME'),
    })
    expect(await run('export', '--remote', 'a', '-f', 'x.yaml')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('give one of --remote and --file'),
    })
  })

  test('tell which alias names different images on them, and go together where other images are named', async () => {
    const [a, b] = [
      await openEmbedded(cwd, { dialect: 'lxd' }),
      await openEmbedded(cwd, { dialect: 'incus' }),
    ]
    for (const { client } of [a, b]) {
      makeImage(join(cwd, 'x.tar.gz'), client.name)
      await uploadImage(client, join(cwd, 'x.tar.gz'), { aliases: ['web'] })
    }
    writeFileSync(
      join(cwd, 'two.yaml'),
      `version: 1\nname: fleet\nservers: { a: ${a.yaml}, b: ${b.yaml} }\nimages: []\n`,
    )
    const { code, stdout, stderr } = await run('export', '-f', 'two.yaml')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/ {2}web is \w{12} on [ab], and \w{12} on [ab]\n$/)
    expect(await run('export', '-f', 'two.yaml', '--server', 'a', '--out', 'a.yaml')).toMatchObject({
      code: 0,
    })
    expect(readFileSync(join(cwd, 'a.yaml'), 'utf8')).toContain('- name: web\n')
    expect(await run('export', 'wep', '-f', 'two.yaml')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('did you mean "web"?'),
    })
    await a.close()
    await b.close()
  })
})

describe('a bundle whose making breaks off', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'hk-export-'))
  afterAll(() => rmSync(cwd, { recursive: true, force: true }))
  const run = (...args: string[]) => runCommand(args, { cwd })

  test('leaves no manifest, and goes on where it ended; another server helps out where it can', async () => {
    let broken = ''
    let sent: string[] = []
    const open = (dialect: Dialect, isBroken: () => boolean) =>
      openEmbedded(cwd, {
        dialect,
        faults: async (request, answer) => {
          const fingerprint = /\/images\/(\w+)\/export$/.exec(new URL(request.url).pathname)?.[1]
          if (fingerprint === undefined) return answer()
          if (fingerprint === broken && isBroken()) return Response.json({ error: 'no' }, { status: 500 })
          sent.push(fingerprint)
          return answer()
        },
      })
    const [one, two] = [await open('lxd', () => true), await open('incus', () => false)]
    const fingerprints: string[] = []
    for (const name of ['a', 'b']) {
      makeImage(join(cwd, 'x.tar.gz'), name)
      const { fingerprint } = await uploadImage(one.client, join(cwd, 'x.tar.gz'), { aliases: [name] })
      fingerprints.push(fingerprint)
    }
    const [a = '', b = ''] = fingerprints
    broken = b
    writeFileSync(join(cwd, 'one.yaml'), manifest('one', one))
    const first = await run('export', '-f', 'one.yaml', '--with-files', 'bundle')
    expect([first.code, first.stderr]).toEqual([1, expect.stringContaining('a: saved')])
    expect(readdirSync(join(cwd, 'bundle'))).toEqual(['blobs'])
    expect(sent).toEqual([a])

    await uploadImage(two.client, join(cwd, 'x.tar.gz'), { aliases: ['b'] })
    writeFileSync(
      join(cwd, 'two.yaml'),
      `version: 1\nname: two\nservers:\n  one: ${one.yaml}\n  two: ${two.yaml}\nimages: []\n`,
    )
    sent = []
    const again = await run('export', '-f', 'two.yaml', '--with-files', 'bundle')
    expect(again.stderr).toContain('a: is there already')
    expect([again.code, sent]).toEqual([0, [b]])
    expect(readdirSync(join(cwd, 'bundle')).sort()).toEqual(['SHA256SUMS', 'blobs', 'images.yaml'])
    await one.close()
    await two.close()
  })
})

test('a remote of the own configuration is exported by its name', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'hk-export-'))
  const server = await openEmbedded(cwd, { dialect: 'incus' })
  const [, url = '', certificate = '', client = ''] =
    /url: "([^"]*)", serverCertificate: "([^"]*)", clientCertificate: "([^"]*)"/.exec(server.yaml) ?? []
  const folder = join(cwd, 'incus')
  mkdirSync(join(folder, 'servercerts'), { recursive: true })
  copyFileSync(client, join(folder, 'client.crt'))
  copyFileSync(client.replace('.crt', '.key'), join(folder, 'client.key'))
  copyFileSync(certificate, join(folder, 'servercerts', 'prod.crt'))
  writeFileSync(
    join(folder, 'config.yml'),
    `default-remote: prod\nremotes:\n  prod: { addr: "${url}", protocol: incus, auth_type: tls }\n`,
  )
  makeImage(join(cwd, 'x.tar.gz'), 'x')
  const { fingerprint } = await uploadImage(server.client, join(cwd, 'x.tar.gz'), { aliases: ['web'] })
  const environment = { INCUS_CONF: folder, LXD_CONF: join(cwd, 'none') }
  const { code, stdout } = await runCommand(['export', '--remote', 'prod'], { cwd, environment })
  expect(code).toBe(0)
  expect(stdout).toContain('servers:\n  prod: { remote: prod }\n')
  expect(stdout).toMatch(new RegExp(`  - name: web\\n {4}source: \\{ fingerprint: "?${fingerprint}"? \\}\\n`))
  await server.close()
  rmSync(cwd, { recursive: true, force: true })
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

/** What a user sees of the images, without whose they are. */
async function describeAll(client: Client, id: string): Promise<unknown[]> {
  return (await ownImages(client, id)).map(
    ({ fingerprint, aliases, properties, expiresAt, profiles, ...image }) => ({
      ...{ fingerprint, expiresAt, profiles, public: image.public, filename: image.filename },
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
