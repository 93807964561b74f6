import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { copyImage, openSimplestreams, type StreamImage } from '@hyperkit/core'
import { hostArchitecture } from '../fixtures/image-contents.ts'
import type { CaseContext } from '../harness/case-context.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { pickPort } from '../servers/pick-port.ts'
import { debianArchitecture, type StreamedImage } from '../servers/start-simplestreams.ts'

const topic = 'read simplestreams'
const needs = ['simplestreams'] as const
const architecture = hostArchitecture()

export const cases: ConformanceCase[] = [
  {
    name: 'the simplestreams reader resolves a name to the image that the server downloads by it, for every form of image',
    topic,
    needs,
    async run(context) {
      const { client, simplestreams, expected } = context
      const { images, aliases } = await variety(context)
      const { url } = await simplestreams(images)
      const streams = openSimplestreams(url, { insecure: true })
      for (const [index, alias] of aliases.entries()) {
        const found = await streams.resolve(alias, { architecture })
        const pull = { protocol: 'simplestreams', alias, imageType: found.type } as const
        const made = await client.images.createFromRemote(url, pull)
        equal(found.fingerprint, images[index]?.image.fingerprint)
        deepEqual(recordOf(made), recordOf(found))
        const { os = '', release = '', variant = 'default' } = images[index] ?? {}
        const told = { os, release, variant, arch: debianArchitecture(), serial: '20231114_22:13' }
        equal(made.properties.description, expected.streamDescription(told))
        // The name with its architecture, such as `alpine/edge/amd64`.
        const whole = found.aliases.find((one) => one !== alias) ?? ''
        equal((await streams.resolve(whole)).fingerprint, made.fingerprint)
      }
    },
  },
  {
    name: 'an image of a simplestreams server is the same whether it is pulled or relayed',
    topic,
    needs,
    async run(context) {
      const { client, simplestreams, unique } = context
      const { images, aliases } = await variety(context)
      const { url } = await simplestreams(images)
      const streams = openSimplestreams(url, { insecure: true, createHash: () => createHash('sha256') })
      for (const alias of aliases) {
        const name = unique('copied')
        const pulled = await copyImage(streams, client, alias, { aliases: [name] })
        deepEqual([pulled.mode, pulled.tried, pulled.image.public], ['pull', [], false])
        await client.images.delete(pulled.image.fingerprint)
        const relayed = await copyImage(streams, client, alias, { aliases: [name], mode: 'relay' })
        equal(relayed.mode, 'relay')
        deepEqual(recordOf(relayed.image), recordOf(pulled.image))
        deepEqual(relayed.image.aliases, pulled.image.aliases)
        equal((await copyImage(streams, client, alias)).mode, 'none')
      }
      const absent = await context.imageFile()
      const { url: other } = await simplestreams([
        { os: 'Other', release: 'one', aliases: [unique('x')], image: absent },
      ])
      const push = copyImage(openSimplestreams(other, { insecure: true }), client, absent.fingerprint, {
        mode: 'push',
      })
      match((await expectError(push, 'copy-failed')).message, /push: .* is not an LXD or Incus server/)
    },
  },
  {
    name: 'the simplestreams reader resolves a name to the newest version, and finds an older one by its fingerprint',
    topic,
    needs,
    async run({ client, imageFile, simplestreams, unique }) {
      const aliases = [unique('moving')]
      const [older, newer] = [await imageFile(), await imageFile()]
      const product = { os: 'Moving', release: 'one', aliases }
      const { url } = await simplestreams([
        { ...product, version: '20240301_10:00', image: newer },
        { ...product, version: '20240229_23:59', image: older },
      ])
      const streams = openSimplestreams(url, { insecure: true })
      const found = await streams.resolve(aliases[0] ?? '')
      deepEqual([found.fingerprint, found.serial], [newer.fingerprint, '20240301_10:00'])
      const old = await streams.resolve(older.fingerprint.slice(0, 20).toUpperCase())
      deepEqual([old.fingerprint, old.aliases, old.serial], [older.fingerprint, [], '20240229_23:59'])
      deepEqual(
        (await streams.list()).map(({ fingerprint }) => fingerprint),
        [newer.fingerprint, older.fingerprint],
      )
      const { image } = await copyImage(streams, client, aliases[0] ?? '', { autoUpdate: true })
      deepEqual(
        [image.fingerprint, image.autoUpdate, image.updateSource?.alias],
        [newer.fingerprint, true, aliases[0]],
      )
    },
  },
  {
    name: 'the simplestreams reader resolves a name of a container and a virtual machine to the container unless asked for the other',
    topic,
    needs,
    async run({ client, splitFiles, simplestreams, unique }) {
      const container = await splitFiles({ rootfs: 'squashfs', compression: 'xz' })
      const machine = await splitFiles({ rootfs: 'qcow2', compression: 'xz' })
      const aliases = [unique('both')]
      const { url } = await simplestreams([
        { os: 'Both', release: 'one', aliases, image: container },
        { os: 'Both', release: 'one', variant: 'vm', aliases, image: machine },
      ])
      const streams = openSimplestreams(url, { insecure: true })
      const name = aliases[0] ?? ''
      equal((await streams.resolve(name)).fingerprint, container.fingerprint)
      const imageType = 'virtual-machine'
      for (const mode of ['pull', 'relay'] as const) {
        const { image } = await copyImage(streams, client, name, { imageType, mode })
        deepEqual([image.fingerprint, image.type], [machine.fingerprint, imageType])
        await client.images.delete(image.fingerprint)
      }
    },
  },
  {
    name: 'a simplestreams image that is only for the other kind of server is relayed',
    topic,
    needs,
    async run({ client, target, directory, splitFiles, simplestreams, unique }) {
      const image = await splitFiles({ rootfs: 'squashfs', compression: 'xz' })
      const aliases = [unique('foreign')]
      const { url } = await simplestreams([{ os: 'Foreign', release: 'one', aliases, image }])
      const tree = (await readdir(directory)).find((folder) => folder.startsWith('streams-')) ?? ''
      const list = join(directory, tree, 'streams/v1/images.json')
      const own = `"${target.dialect}.tar.xz"`
      await writeFile(list, (await readFile(list, 'utf8')).replaceAll(own, '"other.tar.xz"'))
      const streams = openSimplestreams(url, { insecure: true })
      const { mode, tried, image: made } = await copyImage(streams, client, aliases[0] ?? '')
      deepEqual([mode, made.fingerprint], ['relay', image.fingerprint])
      match(tried[0]?.error.message ?? '', /its files are for (LXD|Incus)$/)
    },
  },
  {
    name: 'a copy from simplestreams refuses a file that differs from its entry, and two files that do not belong together',
    topic,
    needs,
    async run({ client, directory, splitFiles, imageFile, simplestreams, unique }) {
      const split = await splitFiles({ rootfs: 'squashfs', compression: 'xz' })
      const unified = await imageFile()
      const names = [unique('split'), unique('unified')]
      const { url } = await simplestreams([
        { os: 'Split', release: 'one', aliases: [names[0] ?? ''], image: split },
        { os: 'Unified', release: 'one', aliases: [names[1] ?? ''], image: unified },
      ])
      const streams = openSimplestreams(url, { insecure: true })
      const tree = (await readdir(directory)).find((folder) => folder.startsWith('streams-')) ?? ''
      for (const [name, which] of [
        [names[0], 0],
        [names[0], 1],
        [names[1], 0],
      ] as const) {
        const found = await streams.resolve(name ?? '')
        const file = join(directory, tree, found.files[which]?.path ?? '')
        const bytes = await readFile(file)
        const changed = Buffer.from(bytes)
        changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
        await writeFile(file, changed)
        const copy = copyImage(streams, client, name ?? '', { mode: 'relay' })
        const error = await expectError(copy, 'copy-failed')
        match(error.message, /relay: Cannot trust ".*": its SHA-256 is [0-9a-f]{64}, but the stream says/)
        equal(await client.images.find(found.fingerprint), undefined)
        await writeFile(file, bytes)
      }
      const found = await streams.resolve(names[0] ?? '')
      const other: StreamImage = { ...found, fingerprint: 'f'.repeat(64) }
      const source = streams.open(other)
      await expectError(
        client.images.upload(source, { fingerprint: other.fingerprint }),
        'fingerprint-mismatch',
      )
      await copyImage(streams, client, names[0] ?? '', { mode: 'relay' })
    },
  },
  {
    name: 'the simplestreams reader does not find a missing image or architecture, and refuses an address without https',
    topic,
    needs,
    async run({ imageFile, simplestreams, unique }) {
      const aliases = [unique('here')]
      const image = await imageFile()
      const { url, requests } = await simplestreams([{ os: 'Here', release: 'one', aliases, image }])
      for (const address of [url, 'streams.example.org', 'ftp://streams.example.org'])
        match(await refusal(() => openSimplestreams(address)), /^Cannot read simplestreams at /)
      deepEqual(requests, [])
      const streams = openSimplestreams(url, { insecure: true })
      await expectError(streams.resolve(unique('absent')), 'not-found')
      await expectError(streams.resolve('0123456789abcdef'), 'not-found')
      const foreign = await expectError(
        streams.resolve(aliases[0] ?? '', { architecture: 's390x' }),
        'not-found',
      )
      ok(foreign.message.includes(`it is there for ${architecture}, not for s390x`))
      const type = 'virtual-machine'
      await expectError(streams.resolve(aliases[0] ?? '', { type }), 'not-found')
      equal((await streams.resolve(aliases[0] ?? '')).fingerprint, image.fingerprint)
      deepEqual(requests, ['/streams/v1/index.json', '/streams/v1/images.json'])
      await expectError(openSimplestreams(`${url}/nowhere`, { insecure: true }).list(), 'not-found')
      await expectError(openSimplestreams(`https://127.0.0.1:${await pickPort()}`).list(), 'unreachable')
    },
  },
]

/** One image of each kind, and the name of each. */
async function variety({
  imageFile,
  splitFiles,
  unique,
}: CaseContext): Promise<{ images: StreamedImage[]; aliases: string[] }> {
  const made = [
    await imageFile({ size: 50_000 }),
    await splitFiles({ rootfs: 'squashfs', compression: 'xz' }),
    await splitFiles({ rootfs: 'tar.gz', compression: 'xz' }),
    await splitFiles({ rootfs: 'qcow2', compression: 'xz' }),
  ]
  const aliases = made.map((_, index) => unique(`kind/${index}`))
  const images = made.map((image, index) => ({
    os: `Kind${index}`,
    release: 'one',
    variant: index === 3 ? 'cloud' : 'default',
    aliases: [aliases[index] ?? ''],
    image,
  }))
  return { images, aliases }
}

/** The attributes of an image that both a server and a stream have. */
function recordOf(image: {
  fingerprint: string
  type: string
  architecture: string
  size: number
  properties: Record<string, string>
  expiresAt: Date | undefined
}): unknown {
  const { fingerprint, type, architecture: kernel, size, expiresAt } = image
  const { description: _, ...properties } = image.properties
  return { fingerprint, type, kernel, size, properties, expiresAt }
}

async function refusal(work: () => unknown): Promise<string> {
  return (await expectError(Promise.resolve().then(work), 'invalid-argument')).message
}
