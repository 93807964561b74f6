import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { type Image, supports } from '@hyperkit/core'
import { hostArchitecture } from '../fixtures/image-contents.ts'
import type { CaseContext } from '../harness/case-context.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import type { ImageFile } from '../harness/image-files.ts'

const topic = 'images'

export const cases: ConformanceCase[] = [
  {
    name: 'the list of images has the full record of every image, sorted by fingerprint',
    topic,
    async run({ client, uploaded, unique }) {
      const alias = unique('listed')
      const files = [
        await uploaded(),
        await uploaded({}, { aliases: [alias], public: true }),
        await uploaded(),
      ]
      const images = await client.images.list()
      const all = images.map(({ fingerprint }) => fingerprint)
      deepEqual(all, [...all].sort())
      const names = await client.images.fingerprints()
      deepEqual(names, [...names].sort())
      ok(files.every(({ fingerprint }) => names.includes(fingerprint)))
      for (const { fingerprint, size, filename } of files) {
        const listed = images.find((image) => image.fingerprint === fingerprint)
        const read = await client.images.get(fingerprint)
        equal(listed?.etag, undefined)
        ok(read.etag)
        deepEqual({ ...listed, etag: read.etag }, read)
        deepEqual([read.size, read.filename], [size, filename])
      }
      const named = images.find(({ fingerprint }) => fingerprint === files[1]?.fingerprint)
      deepEqual([named?.public, named?.aliases], [true, [{ name: alias, description: '' }]])
    },
  },
  {
    name: 'an image record has type, architecture, profiles and dates',
    topic,
    async run({ client, uploaded }) {
      const before = Date.now() - 5_000
      const file = await uploaded({ creationDate: 1_650_000_000 })
      const image = await client.images.get(file.fingerprint)
      deepEqual(
        [image.type, image.architecture, image.profiles, image.public, image.autoUpdate, image.cached],
        ['container', hostArchitecture(), ['default'], false, false, false],
      )
      equal(image.createdAt?.getTime(), 1_650_000_000_000)
      ok((image.uploadedAt?.getTime() ?? 0) > before, String(image.uploadedAt))
      deepEqual([image.expiresAt, image.lastUsedAt, image.updateSource], [undefined, undefined, undefined])
    },
  },
  {
    name: 'an image record names the architecture as the kernel does',
    topic,
    async run({ client, uploaded }) {
      const file = await uploaded({ architecture: 'amd64' })
      equal((await client.images.get(file.fingerprint)).architecture, 'x86_64')
    },
  },
  {
    name: 'an image is found by a fingerprint prefix of any length, also in upper case',
    topic,
    async run({ client, imageFile, makeProject }) {
      // A project with separate images, because other images may have the same prefix.
      const { images } = client.project(await makeProject())
      const file = await imageFile()
      const { fingerprint } = await images.upload(file.source, { fingerprint: file.fingerprint })
      for (const size of [1, 2, 11, 12, 40, 64]) {
        const prefix = fingerprint.slice(0, size)
        equal((await images.get(prefix)).fingerprint, fingerprint)
        equal((await images.get(prefix.toUpperCase())).fingerprint, fingerprint)
      }
    },
  },
  {
    name: 'a fingerprint prefix that two images share is refused as ambiguous',
    topic,
    async run(context) {
      const { client } = context
      const [one, two] = await shareFirstCharacter(context)
      for (const file of [one, two])
        await client.images.upload(file.source, { fingerprint: file.fingerprint })
      const prefix = one.fingerprint.slice(0, 1)
      await expectError(client.images.get(prefix), 'ambiguous')
      await expectError(client.images.delete(prefix), 'ambiguous')
      await expectError(client.images.update(prefix, { public: true }), 'ambiguous')
      ok(await client.images.find(one.fingerprint))
      ok(await client.images.find(two.fingerprint))
    },
  },
  {
    name: 'get fails for an unknown image, and find returns undefined',
    topic,
    async run({ client }) {
      const unknown = '0123456789ab'.repeat(5).padEnd(64, '0')
      const error = await expectError(client.images.get(unknown), 'not-found')
      match(error.message, /"[^"]*not found"/i)
      await expectError(client.images.get(unknown.slice(0, 20)), 'not-found')
      equal(await client.images.find(unknown), undefined)
      equal(await client.images.find(unknown.slice(0, 20)), undefined)
    },
  },
  {
    name: 'an alias that looks like a fingerprint is never read as a fingerprint',
    topic,
    async run({ client, uploaded }) {
      const name = 'deadbeefdeadbeef'
      const { fingerprint } = await uploaded({}, { aliases: [name] })
      equal((await client.images.getByAlias(name)).fingerprint, fingerprint)
      equal(await client.images.find(name), undefined)
    },
  },
  {
    name: 'an image is found by its alias',
    topic,
    async run({ client, untrustedClient, uploaded, unique }) {
      const [open, closed] = [unique('open'), unique('closed')]
      const shown = await uploaded({}, { aliases: [open], public: true })
      const hidden = await uploaded({}, { aliases: [closed] })
      equal((await client.images.getByAlias(closed)).fingerprint, hidden.fingerprint)
      equal((await untrustedClient.images.getByAlias(open)).fingerprint, shown.fingerprint)
      await expectError(untrustedClient.images.getByAlias(closed), 'not-authorized')
      await expectError(client.images.getByAlias(unique('absent')), 'not-found')
    },
  },
  {
    name: 'an untrusted client sees only public images',
    topic,
    async run({ untrustedClient, uploaded }) {
      const shown = await uploaded({}, { public: true })
      const hidden = await uploaded()
      const seen = await untrustedClient.images.fingerprints()
      ok(seen.includes(shown.fingerprint))
      ok(!seen.includes(hidden.fingerprint))
      const listed = await untrustedClient.images.list()
      ok(listed.every((image) => image.public))
      equal((await untrustedClient.images.get(shown.fingerprint)).fingerprint, shown.fingerprint)
      await expectError(untrustedClient.images.find(hidden.fingerprint), 'not-authorized')
    },
  },
  {
    name: 'a secret lets an untrusted client read one private image',
    topic,
    async run({ client, untrustedClient, uploaded, splitFiles }) {
      const { fingerprint } = await uploaded()
      const { secret } = await client.images.createSecret(fingerprint)
      match(secret, /^[0-9a-f]{64}$/)
      const wrong = untrustedClient.images.find(fingerprint, { secret: 'f'.repeat(64) })
      match(
        (await expectError(wrong, 'not-authorized')).message,
        /the secret is used up, expired or for another image/,
      )
      equal((await untrustedClient.images.get(fingerprint, { secret })).fingerprint, fingerprint)
      const split = await splitFiles()
      await client.images.upload(split.source, { fingerprint: split.fingerprint })
      await expectError(untrustedClient.images.find(split.fingerprint, { secret }), 'not-authorized')
    },
  },
  {
    name: 'a filter finds exactly the images that match it',
    topic,
    async run({ client, uploaded, splitFiles, unique }) {
      const release = unique('Release')
      const properties = { os: 'hyperkit', release }
      const one = await uploaded({ properties }, { public: true })
      const two = await uploaded({ properties: { ...properties, os: 'HyperKit' } }, { autoUpdate: true })
      const machine = await splitFiles({ rootfs: 'qcow2', properties })
      await client.images.upload(machine.source, { fingerprint: machine.fingerprint })
      const all = [one, two, machine]
      const find = async (filter: object): Promise<string[]> => {
        const images = await client.images.list({ filter: { properties: { release }, ...filter } })
        return images.map((image) => image.fingerprint)
      }
      const these = (...files: { fingerprint: string }[]): string[] => files.map((f) => f.fingerprint).sort()
      deepEqual(await find({}), these(...all))
      deepEqual(await find({ public: true }), these(one))
      deepEqual(await find({ public: false }), these(two, machine))
      deepEqual(await find({ autoUpdate: true }), these(two))
      deepEqual(await find({ cached: false }), these(...all))
      deepEqual(await find({ type: 'virtual-machine' }), these(machine))
      deepEqual(await find({ type: 'container', public: false }), these(two))
      deepEqual(await find({ filename: two.filename }), these(two))
      deepEqual(await find({ properties: { release, os: 'hyperkit' } }), these(one, machine))
      deepEqual(await find({ properties: { release: release.slice(0, -1) } }), [])
      deepEqual(await find({ properties: { release: '.*' } }), [])
      deepEqual(await find({ architecture: 'riscv64' }), [])
    },
  },
  {
    name: 'the images of all projects are listed, or the client reports that the server cannot list them',
    topic,
    async run({ client, imageFile, uploaded, makeProject }) {
      const here = await uploaded()
      const project = await makeProject()
      const there = await imageFile()
      await client.images.upload(there.source, { fingerprint: there.fingerprint, project })
      const server = await client.server()
      if (!supports(server, 'images_all_projects')) {
        await expectError(client.images.list({ allProjects: true }), 'unsupported')
        return
      }
      const images = await client.images.list({ allProjects: true })
      const projectOf = ({ fingerprint }: ImageFile): string | undefined =>
        images.find((image: Image) => image.fingerprint === fingerprint)?.project
      deepEqual([projectOf(here), projectOf(there)], ['default', project])
      await expectError(client.images.list({ allProjects: true, project }), 'invalid-argument')
    },
  },
]

/** Two files whose fingerprints share the first digit: among seventeen there are two. */
async function shareFirstCharacter({ imageFile }: CaseContext): Promise<[ImageFile, ImageFile]> {
  const seen = new Map<string, ImageFile>()
  for (;;) {
    const file = await imageFile()
    const other = seen.get(file.fingerprint.slice(0, 1))
    if (other) return [other, file]
    seen.set(file.fingerprint.slice(0, 1), file)
  }
}
