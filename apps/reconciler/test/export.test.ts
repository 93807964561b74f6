import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
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

describe.each(pairs)('from %s', (_, openFrom, openTo) => {
  let cwd = ''
  let [from, to] = [] as unknown as [OpenServer, OpenServer]
  let id = ''
  let made: string[] = []

  beforeAll(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'hk-export-'))
    if (openFrom === undefined || openTo === undefined) return
    from = await openFrom(cwd)
    to = await openTo(cwd)
  })
  afterAll(async () => {
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
