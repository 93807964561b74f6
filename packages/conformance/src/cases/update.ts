import { deepEqual, equal, notEqual } from 'node:assert/strict'
import type { Image, ImageChanges } from '@hyperkit/core'
import type { CaseContext } from '../harness/case-context.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'

const topic = 'update'

const expiresAt = new Date('2030-01-02T03:04:05Z')

/** One change of each field. */
const changes: readonly [name: string, changes: ImageChanges][] = [
  ['public', { public: false }],
  ['autoUpdate', { autoUpdate: false }],
  ['properties', { properties: { only: 'this = & + \n one' } }],
  ['expiry', { expiresAt: new Date('2032-12-31T23:59:59.5Z') }],
  ['profiles', { profiles: [] }],
]

export const cases: ConformanceCase[] = [
  ...changes.map(
    ([name, changed]): ConformanceCase => ({
      name: `an image update of ${name} keeps every other field`,
      topic,
      async run(context) {
        const before = await fullImage(context)
        const after = await context.client.images.update(before.fingerprint, changed)
        deepEqual(withoutEtag(after), withoutEtag({ ...before, ...changed } as Image))
        deepEqual(await context.client.images.get(before.fingerprint), after)
      },
    }),
  ),
  {
    name: 'an image update without changes leaves the image as it was',
    topic,
    async run(context) {
      const before = await fullImage(context)
      deepEqual(await context.client.images.update(before.fingerprint, {}), before)
    },
  },
  {
    name: 'an image update can set, keep and clear the expiry',
    topic,
    async run({ client, uploaded }) {
      const { fingerprint } = await uploaded()
      const { images } = client
      equal((await images.update(fingerprint, { expiresAt })).expiresAt?.getTime(), expiresAt.getTime())
      equal((await images.update(fingerprint, { public: true })).expiresAt?.getTime(), expiresAt.getTime())
      equal((await images.update(fingerprint, { expiresAt: null })).expiresAt, undefined)
      equal((await images.get(fingerprint)).expiresAt, undefined)
    },
  },
  {
    name: 'an image update can remove profiles and add them again',
    topic,
    async run({ client, uploaded }) {
      const { fingerprint } = await uploaded()
      deepEqual((await client.images.update(fingerprint, { profiles: [] })).profiles, [])
      deepEqual((await client.images.update(fingerprint, { public: true })).profiles, [])
      deepEqual((await client.images.update(fingerprint, { profiles: ['default'] })).profiles, ['default'])
    },
  },
  {
    name: 'an image update with an unknown profile is refused and changes nothing',
    topic,
    async run({ client, uploaded, unique }) {
      const { fingerprint } = await uploaded()
      const before = await client.images.get(fingerprint)
      const update = client.images.update(fingerprint, { public: true, profiles: [unique('absent')] })
      await expectError(update, 'bad-request', 'server-error', 'not-found')
      deepEqual(await client.images.get(fingerprint), before)
    },
  },
  {
    name: 'an image update with a stale ETag is refused and changes nothing',
    topic,
    async run({ client, uploaded }) {
      const { fingerprint } = await uploaded()
      const { etag: stale } = await client.images.get(fingerprint)
      const now = await client.images.update(fingerprint, { public: true })
      notEqual(now.etag, stale)
      const update = client.images.update(fingerprint, { properties: {} }, { ifMatch: stale })
      await expectError(update, 'precondition-failed')
      await expectError(
        client.images.patch(fingerprint, { public: false }, { ifMatch: stale }),
        'precondition-failed',
      )
      deepEqual(await client.images.get(fingerprint), now)
      const { etag: ifMatch } = now
      equal((await client.images.update(fingerprint, { public: false }, { ifMatch })).public, false)
    },
  },
  {
    name: 'an image patch merges properties, removes the empty ones and keeps every other field',
    topic,
    async run(context) {
      const before = await fullImage(context)
      const { images } = context.client
      const after = await images.patch(before.fingerprint, {
        properties: { os: '', release: 'next', added: 'ä & ö' },
      })
      const { os: _, ...kept } = before.properties
      const properties = { ...kept, release: 'next', added: 'ä & ö' }
      deepEqual(withoutEtag(after), withoutEtag({ ...before, properties }))
      const flags = await images.patch(before.fingerprint, { public: false, autoUpdate: false })
      deepEqual(withoutEtag(flags), withoutEtag({ ...after, public: false, autoUpdate: false }))
    },
  },
  {
    name: 'an image can be changed by a fingerprint prefix',
    topic,
    async run({ client, uploaded }) {
      const { fingerprint } = await uploaded()
      const prefix = fingerprint.slice(0, 14).toUpperCase()
      equal((await client.images.update(prefix, { public: true })).fingerprint, fingerprint)
      equal((await client.images.patch(prefix, { public: false })).fingerprint, fingerprint)
    },
  },
  {
    name: 'an unknown image cannot be changed',
    topic,
    async run({ client }) {
      const unknown = 'c0ffee'.padEnd(64, '0')
      await expectError(client.images.update(unknown, { public: true }), 'not-found')
      await expectError(client.images.patch(unknown, { public: true }), 'not-found')
    },
  },
]

/** An image without any default attribute. */
async function fullImage({ client, imageFile, unique }: CaseContext): Promise<Image> {
  const file = await imageFile()
  return client.images.upload(file.source, {
    fingerprint: file.fingerprint,
    public: true,
    autoUpdate: true,
    properties: { release: 'first', 'two words': 'a\nb' },
    expiresAt,
    aliases: [{ name: unique('full'), description: 'kept' }],
  })
}

function withoutEtag(image: Image): Omit<Image, 'etag'> {
  const { etag: _, ...rest } = image
  return rest
}
