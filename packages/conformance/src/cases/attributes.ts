import { deepEqual, equal, match } from 'node:assert/strict'
import type { Client, Image } from '@hyperkit/core'
import type { UploadImageOptions } from '@hyperkit/core/parts'
import type { CaseContext } from '../harness/case-context.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'

const topic = 'attributes'

const properties = {
  description: 'Größe & Preis = 5 + 5; "quoted", 100 % \\ /',
  'multi line': 'first\nsecond\r\n\tthird',
  'key&with=signs+;': '日本語 🐧',
  spaced: '  around  ',
}

export const cases: ConformanceCase[] = [
  {
    name: 'numbers and booleans given as properties are stored as texts',
    topic,
    async run({ client, uploaded }) {
      const texts = { number: '24.04', flag: 'true', zero: '0' }
      const { fingerprint } = await uploaded({}, { properties: { number: 24.04, flag: true, zero: 0 } })
      const read = async (): Promise<unknown> => {
        const { number, flag, zero } = (await client.images.get(fingerprint)).properties
        return { number, flag, zero }
      }
      deepEqual(await read(), texts)
      await client.images.patch(fingerprint, { properties: { number: 1, flag: false } })
      deepEqual(await read(), { ...texts, number: '1', flag: 'false' })
      const { properties } = await client.images.update(fingerprint, { properties: { number: 2 } })
      deepEqual(properties, { number: '2' })
    },
  },
  {
    name: 'a new image has all requested attributes: flags, filename, properties, aliases, expiry, profiles',
    topic,
    async run(context) {
      const { client, imageFile, splitFiles } = context
      for (const file of [
        await imageFile({ properties: { os: 'own' } }),
        await splitFiles({ properties: { os: 'own' } }),
      ]) {
        const wanted = { ...allAttributes(context), filename: 'Größe mit Leerzeichen ü.tar.gz' }
        const image = await client.images.upload(file.source, { fingerprint: file.fingerprint, ...wanted })
        expectAttributes(image, wanted, { os: 'own', ...properties })
        // For a split image it is sent as the name of the rootfs part.
        equal(image.filename, wanted.filename)
        deepEqual(await client.images.get(file.fingerprint), image)
      }
    },
  },
  {
    name: 'an image of an upload by a token has all properties, its expiry and its filename when it appears',
    topic,
    async run({ client, imageFile, splitFiles }) {
      const expiresAt = new Date('2031-01-01T00:00:00Z')
      for (const expiry of [expiresAt, undefined])
        for (const file of [await imageFile(), await splitFiles()]) {
          const plain = await client.images.upload(file.source, { fingerprint: file.fingerprint })
          await client.images.delete(file.fingerprint)
          const firstState = { kind: 'whole', properties, expiresAt: expiry } as const
          const image = await client.images.upload(file.source, { fingerprint: file.fingerprint, firstState })
          const { etag, uploadedAt, ...same } = plain
          const { etag: _, uploadedAt: later, ...found } = image
          deepEqual(found, { ...same, properties, ...(expiry && { expiresAt: expiry }) })
          equal(await countTokens(client, file.fingerprint), 0)
        }
    },
  },
  {
    name: 'an upload with an intent gives an image with the properties of its archive, and leaves no token',
    topic,
    async run({ client, imageFile }) {
      const { fingerprint, source } = await imageFile({ properties: { os: 'own' } })
      const firstState = { kind: 'intent', properties: { team: 'web' } } as const
      const image = await client.images.upload(source, {
        fingerprint,
        firstState,
        properties: { team: 'web' },
      })
      deepEqual([image.properties.os, image.properties.team], ['own', 'web'])
      equal(await countTokens(client, fingerprint), 0)
    },
  },
  {
    name: 'uploading an existing image changes it to the requested attributes',
    topic,
    async run(context) {
      const { client, uploaded } = context
      const file = await uploaded({ properties: { os: 'own' } })
      const wanted = allAttributes(context)
      const image = await client.images.upload(file.source, { fingerprint: file.fingerprint, ...wanted })
      expectAttributes(image, wanted, { os: 'own', ...properties })
      equal(image.filename, file.filename)
    },
  },
  {
    name: 'uploading an existing image without attributes leaves it unchanged',
    topic,
    async run(context) {
      const { client, imageFile } = context
      const file = await imageFile()
      const before = await client.images.upload(file.source, {
        fingerprint: file.fingerprint,
        ...allAttributes(context),
      })
      deepEqual(await client.images.upload(file.source, { fingerprint: file.fingerprint }), before)
    },
  },
  {
    name: 'an upload can add properties to an image whose archive has none',
    topic,
    async run({ client, uploaded }) {
      const { fingerprint } = await uploaded({ properties: null }, { properties: { os: 'given' } })
      deepEqual((await client.images.get(fingerprint)).properties, { os: 'given' })
    },
  },
  {
    name: 'an empty value removes a property that the archive has',
    topic,
    async run({ client, uploaded }) {
      const { fingerprint } = await uploaded(
        { properties: { os: 'own', secret: 'x' } },
        { properties: { secret: '', os: 'mine' } },
      )
      deepEqual((await client.images.get(fingerprint)).properties, { os: 'mine' })
    },
  },
  {
    name: 'an image can be uploaded without profiles',
    topic,
    async run({ client, uploaded }) {
      const { fingerprint } = await uploaded({}, { profiles: [] })
      deepEqual((await client.images.get(fingerprint)).profiles, [])
    },
  },
  {
    name: 'an image can be uploaded with profiles other than the default one',
    topic,
    needs: ['profiles'],
    async run({ client, uploaded, unique, cleanup }) {
      const name = unique('profile')
      await client.request({ method: 'POST', path: '/1.0/profiles', json: { name } })
      const { fingerprint } = await uploaded({}, { profiles: ['default', name] })
      cleanup(async () => {
        await client.images.delete(fingerprint)
        await client.request({ method: 'DELETE', path: `/1.0/profiles/${name}` })
      })
      deepEqual([...(await client.images.get(fingerprint)).profiles].sort(), ['default', name])
    },
  },
  {
    name: 'an upload with an alias of another image is refused before any byte is sent',
    topic,
    async run({ watch, uploaded, imageFile, unique }) {
      const taken = unique('taken')
      const owner = await uploaded({}, { aliases: [taken] })
      const { client, requests } = await watch()
      const file = await imageFile()
      const error = await expectError(
        client.images.upload(file.source, {
          fingerprint: file.fingerprint,
          aliases: [unique('free'), taken],
        }),
        'already-exists',
      )
      match(error.message, new RegExp(`${taken}.*${owner.fingerprint.slice(0, 12)}.*reuseAliases`))
      equal(file.opened, 0)
      deepEqual(
        requests.filter(({ method }) => method !== 'GET'),
        [],
      )
      equal((await client.images.getByAlias(taken)).fingerprint, owner.fingerprint)
    },
  },
  {
    name: 'an upload takes over an alias of another image if asked to',
    topic,
    async run({ client, uploaded, unique }) {
      const name = unique('mine')
      const before = await uploaded({}, { aliases: [{ name, description: 'kept' }] })
      const after = await uploaded({}, { aliases: [name], reuseAliases: true })
      const alias = await client.aliases.get(name)
      deepEqual([alias.target, alias.description], [after.fingerprint, 'kept'])
      deepEqual((await client.images.get(before.fingerprint)).aliases, [])
    },
  },
]

type Wanted = UploadImageOptions & { aliases: { name: string; description: string }[]; expiresAt: Date }

/** Attributes without any default value. */
function allAttributes({ unique }: CaseContext): Wanted {
  return {
    public: true,
    autoUpdate: true,
    properties,
    aliases: [
      { name: unique('one/ü'), description: 'Beschreibung "1"' },
      { name: unique('two'), description: '' },
    ],
    expiresAt: new Date('2031-02-03T04:05:06.789Z'),
    profiles: [],
  }
}

function expectAttributes(image: Image, wanted: Wanted, allProperties: Record<string, string>): void {
  const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1)
  deepEqual([image.public, image.autoUpdate], [true, true])
  deepEqual(image.properties, { ...image.properties, ...allProperties })
  deepEqual([...image.aliases].sort(byName), [...wanted.aliases].sort(byName))
  equal(image.expiresAt?.getTime(), wanted.expiresAt.getTime())
  deepEqual(image.profiles, wanted.profiles)
}

/** Push tokens for an image that the server has not taken. */
async function countTokens(client: Client, fingerprint: string): Promise<number> {
  const open = (await client.operations.list()).filter(
    ({ class: kind, state, resources }) =>
      kind === 'token' && state === 'running' && resources.images?.some((url) => url.includes(fingerprint)),
  )
  return open.length
}
