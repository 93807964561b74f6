import { deepEqual, equal, ok } from 'node:assert/strict'
import type { Image } from '@hyperkit/core'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { offerImage } from '../harness/offer-image.ts'

const topic = 'traps: downloads'

export const cases: ConformanceCase[] = [
  {
    name: 'T7: downloading an existing image that has aliases succeeds',
    topic,
    needs: ['second-server'],
    async run(context) {
      const { client, source, unique } = context
      const offered = await offerImage(context)
      const own = unique('own')
      await client.images.upload(offered.file.source, {
        fingerprint: offered.fingerprint,
        aliases: [own],
      })
      const { certificate, alias } = offered
      const image = await client.images.createFromRemote(source.url, { alias, certificate })
      equal(image.fingerprint, offered.fingerprint)
      const wanted = unique('wanted')
      await client.images.createFromRemote(source.url, { alias, certificate, aliases: [wanted] })
      deepEqual(namesOf(await client.images.get(offered.fingerprint)), [own, wanted].sort())
    },
  },
  {
    name: 'T8: downloading an existing image changes only the requested fields',
    topic,
    needs: ['second-server'],
    async run(context) {
      const { client, source, unique } = context
      const { file, fingerprint, certificate, alias } = await offerImage(context)
      const before = await client.images.upload(file.source, {
        fingerprint,
        public: true,
        properties: { own: 'kept' },
        expiresAt: new Date('2041-01-01T00:00:00Z'),
        profiles: [],
        aliases: [unique('kept')],
      })
      const whole = await client.images.createFromRemote(source.url, { fingerprint, certificate })
      deepEqual(settled(whole), settled(before))
      const byAlias = await client.images.createFromRemote(source.url, { alias, certificate })
      // A second download changes only the filename, which cannot be restored.
      deepEqual({ ...settled(byAlias), filename: '' }, { ...settled(before), filename: '' })
      const named = await client.images.createFromRemote(source.url, {
        fingerprint,
        certificate,
        public: false,
      })
      deepEqual({ ...settled(named), public: true, filename: '' }, { ...settled(before), filename: '' })
    },
  },
  {
    name: 'a download by alias keeps the filename with options if it keeps it without',
    topic,
    needs: ['second-server'],
    async run(context) {
      const { client, source, makeProject } = context
      const { fingerprint, certificate, alias } = await offerImage(context)
      const asked = client.project(await makeProject())
      const pull = {
        type: 'image',
        mode: 'pull',
        server: source.url,
        protocol: context.target.dialect,
        alias,
        certificate,
      }
      const { operation } = await asked.request({
        method: 'POST',
        path: '/1.0/images',
        json: { source: pull },
      })
      await asked.operations.wait(operation ?? '')
      const { filename } = await asked.images.get(fingerprint)
      for (const options of [{}, { autoUpdate: true, properties: { added: 'yes' } }]) {
        const within = client.project(await makeProject())
        const image = await within.images.createFromRemote(source.url, { alias, certificate, ...options })
        deepEqual([image.filename, image.autoUpdate], [filename, options.autoUpdate ?? false])
        equal(image.properties.added, options.properties?.added)
      }
      const named = client.project(await makeProject())
      const image = await named.images.createFromRemote(source.url, { alias, certificate, filename: 'named' })
      equal(image.filename, 'named')
    },
  },
  {
    name: 'T35: both kinds of server download by protocol "lxd" with an alias, and the image records its source',
    topic,
    needs: ['second-server'],
    async run(context) {
      const { client, source, target } = context
      const { fingerprint, certificate, alias } = await offerImage(context)
      const image = await client.images.createFromRemote(source.url, { alias, certificate, protocol: 'lxd' })
      equal(image.fingerprint, fingerprint)
      deepEqual([image.updateSource?.alias, image.updateSource?.protocol], [alias, target.dialect])
    },
  },
  {
    name: 'T20: a download by a fingerprint prefix gives the image, which records the prefix as the alias of its source',
    topic,
    needs: ['second-server'],
    async run(context) {
      const { client, source } = context
      const { fingerprint, certificate } = await offerImage(context)
      const prefix = fingerprint.slice(0, 16)
      const image = await client.images.createFromRemote(source.url, { fingerprint: prefix, certificate })
      equal(image.fingerprint, fingerprint)
      equal(image.updateSource?.alias, prefix)
    },
  },
  {
    name: 'T20: an image downloaded by its whole fingerprint has no source, and refreshing it reports that',
    topic,
    needs: ['second-server'],
    async run(context) {
      const { client, source } = context
      const { fingerprint, certificate } = await offerImage(context)
      const options = { fingerprint, certificate, autoUpdate: true }
      const image = await client.images.createFromRemote(source.url, options)
      deepEqual([image.updateSource, image.autoUpdate], [undefined, true])
      const error = await expectError(client.images.refresh(fingerprint), 'operation-failed')
      ok(/source not found/i.test(error.message), error.message)
    },
  },
  {
    name: 'T23: a download into a project works without a protocol even if another project has the image',
    topic,
    needs: ['second-server'],
    async run(context) {
      const { client, source, makeProject } = context
      const { file, fingerprint, certificate, alias } = await offerImage(context)
      await client.images.upload(file.source, { fingerprint })
      const within = client.project(await makeProject())
      const image = await within.images.createFromRemote(source.url, { alias, certificate })
      equal(image.fingerprint, fingerprint)
      equal(await within.images.hasContent(fingerprint), true)
    },
  },
  {
    name: 'T17: a refresh returns the new fingerprint and leaves automatic updates as they were',
    topic,
    needs: ['second-server'],
    async run(context) {
      const { client, source, imageFile, unique } = context
      const { fingerprint, certificate, alias } = await offerImage(context)
      const own = unique('followed')
      const options = { alias, certificate, aliases: [own], public: true }
      equal((await client.images.createFromRemote(source.url, options)).autoUpdate, false)
      const same = await client.images.refresh(fingerprint)
      deepEqual([same.refreshed, same.image.fingerprint], [false, fingerprint])
      const next = await imageFile()
      await source.client.images.upload(next.source, {
        fingerprint: next.fingerprint,
        public: true,
        aliases: [alias],
        reuseAliases: true,
      })
      const { refreshed, image, previous } = await client.images.refresh(fingerprint)
      deepEqual([refreshed, image.fingerprint, previous], [true, next.fingerprint, fingerprint])
      deepEqual([image.autoUpdate, image.public, namesOf(image)], [false, true, [own]])
      equal(await client.images.find(fingerprint), undefined)
    },
  },
  {
    name: 'T17: a refresh whose source is gone returns "not refreshed", and the image stays',
    topic,
    needs: ['second-server'],
    async run(context) {
      const { client, source } = context
      const { fingerprint, certificate, alias } = await offerImage(context)
      await client.images.createFromRemote(source.url, { alias, certificate })
      await source.client.images.delete(fingerprint)
      const { refreshed, image } = await client.images.refresh(fingerprint)
      deepEqual([refreshed, image.fingerprint], [false, fingerprint])
      equal(await client.images.hasContent(fingerprint), true)
    },
  },
  {
    name: 'T30: a download makes one image even if the server sends its event twice',
    topic,
    needs: ['simplestreams'],
    async run({ client, imageFile, simplestreams, unique }) {
      const file = await imageFile()
      const { fingerprint } = file
      const alias = unique('told')
      const { url } = await simplestreams([{ os: 'Told', release: 'one', aliases: [alias], image: file }])
      let created = 0
      for await (const event of client.events({ types: ['lifecycle'] })) {
        if (!('metadata' in event)) {
          await client.images.createFromRemote(url, { alias, protocol: 'simplestreams' })
          equal((await client.images.list()).filter((image) => image.fingerprint === fingerprint).length, 1)
          await client.images.delete(fingerprint)
          continue
        }
        const { action, source } = event.metadata as { action?: string; source?: string }
        if (!source?.includes(fingerprint)) continue
        if (action === 'image-created') created += 1
        if (action === 'image-deleted') break
      }
      ok(created === 1 || created === 2, `${created} events tell of one image`)
    },
  },
]

function namesOf(image: Image): string[] {
  return image.aliases.map(({ name }) => name).sort()
}

/** The attributes that a user has set, without the times that the server sets. */
function settled(image: Image): Partial<Image> {
  const { uploadedAt: _, lastUsedAt: __, etag: ___, updateSource: ____, cached: _____, ...rest } = image
  return rest
}
