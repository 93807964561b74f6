import { deepEqual, equal, ok } from 'node:assert/strict'
import { type Client, type Image, type ImageChanges, isHyperkitError } from '@hyperkit/core'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'

const topic = 'traps: changes'

export const cases: ConformanceCase[] = [
  {
    name: 'T13: if several clients each add a property at the same time, no property is lost without an error',
    topic,
    async run({ client, connect, uploaded }) {
      const { fingerprint } = await uploaded()
      const clients = await Promise.all([1, 2, 3, 4].map(() => connect()))
      for (let round = 0; round < 3; round++) {
        const keys = await Promise.all(
          clients.map(async (one, index) => {
            const key = `key ${round} ${index}`
            const kept = await succeeds(one.images.patch(fingerprint, { properties: { [key]: 'x' } }))
            return kept ? key : undefined
          }),
        )
        const { properties } = await client.images.get(fingerprint)
        for (const key of keys) ok(key === undefined || properties[key] === 'x', `${key} is lost`)
      }
    },
  },
  {
    name: 'T13: if several clients replace what they have read at the same time, those that are too late get an error',
    topic,
    async run({ client, connect, uploaded }) {
      const { fingerprint } = await uploaded()
      const clients = await Promise.all([1, 2, 3, 4].map(() => connect()))
      for (let round = 0; round < 3; round++) {
        const winners = await Promise.all(
          clients.map(async (one, index) => {
            const { properties, etag } = await one.images.get(fingerprint)
            const changed = { ...properties, winner: `${round} ${index}` }
            const options = etag === undefined ? {} : { ifMatch: etag }
            const won = await succeeds(one.images.update(fingerprint, { properties: changed }, options))
            return won ? `${round} ${index}` : undefined
          }),
        )
        const said = winners.filter((winner) => winner !== undefined)
        ok(said.length <= 1, `${said.length} clients were told that theirs is the last word`)
        const { properties } = await client.images.get(fingerprint)
        if (said.length === 1) equal(properties.winner, said[0])
      }
    },
  },
  {
    name: 'T13: an expiry set by another client meanwhile survives a change of another field',
    topic,
    async run({ client, connect, uploaded }) {
      const { fingerprint } = await uploaded()
      const clients = await Promise.all([1, 2, 3].map(() => connect()))
      for (let round = 0; round < 4; round++) {
        const changes: ImageChanges[] = [
          { expiresAt: new Date(Date.UTC(2040 + round, 0, 1)) },
          { public: round % 2 === 0 },
          { properties: { round: String(round) } },
        ]
        await Promise.all(
          changes.map((change, index) => (clients[index] as Client).images.update(fingerprint, change)),
        )
        const now = await client.images.get(fingerprint)
        for (const change of changes) holds(now, change)
      }
    },
  },
  {
    name: 'T14: a change of one field keeps all others, including expiry and profiles',
    topic,
    async run({ client, uploaded }) {
      const { fingerprint } = await uploaded()
      const all: ImageChanges = {
        public: true,
        autoUpdate: true,
        properties: { os: 'one', release: 'two' },
        expiresAt: new Date('2041-02-03T04:05:06.789Z'),
        profiles: [],
      }
      await client.images.update(fingerprint, all)
      const steps: ImageChanges[] = [
        { public: false },
        { autoUpdate: false },
        { properties: { os: 'three' } },
        { expiresAt: null },
        { profiles: ['default'] },
        { expiresAt: new Date('2042-01-01T00:00:00Z') },
      ]
      let wanted = all
      for (const step of steps) {
        wanted = { ...wanted, ...step }
        holds(await client.images.update(fingerprint, step), wanted)
      }
      await client.images.patch(fingerprint, { properties: { added: 'x', os: '' } })
      holds(await client.images.get(fingerprint), { ...wanted, properties: { added: 'x' } })
    },
  },
  {
    name: 'T14: the client refuses a PATCH with fields that the server would ignore',
    topic,
    async run({ watch, uploaded }) {
      const { fingerprint } = await uploaded()
      const { client, requests } = await watch()
      for (const patch of [{ expiresAt: new Date() }, { profiles: [] }, { expires_at: 'x' }])
        await expectError(client.images.patch(fingerprint, patch as never), 'invalid-argument')
      equal(requests.length, 0)
    },
  },
  {
    name: 'T15: an image whose expiry has passed is still listed, and its record says when it expired',
    topic,
    async run({ client, uploaded }) {
      const expiresAt = new Date('2001-01-01T00:00:00Z')
      const { fingerprint } = await uploaded({}, { expiresAt })
      deepEqual((await client.images.get(fingerprint)).expiresAt, expiresAt)
      equal(await client.images.hasContent(fingerprint), true)
    },
  },
  {
    name: 'T25: the client sorts lists, in whatever order the server sends them',
    topic,
    async run({ client, imageFile, makeProject, unique }) {
      const { images, aliases } = client.project(await makeProject())
      const names = [unique('order-b'), unique('order-a')]
      const files = [await imageFile(), await imageFile()]
      for (const [index, { source, fingerprint }] of files.entries())
        await images.upload(source, { fingerprint, aliases: [names[index] ?? ''] })
      const all = files.map(({ fingerprint }) => fingerprint).sort()
      for (let round = 0; round < 3; round++) {
        const listed = (await images.list()).map(({ fingerprint }) => fingerprint)
        deepEqual([listed, await images.fingerprints()], [all, all])
        deepEqual(
          (await aliases.list()).map(({ name }) => name),
          [...names].sort(),
        )
      }
    },
  },
  {
    name: 'T26: a filter on a flag, or on a text in another case, finds the same on every server',
    topic,
    async run({ client, uploaded, unique }) {
      const mark = unique('mark')
      const shown = await uploaded({ properties: { mark, os: 'Tiny' } }, { public: true })
      const hidden = await uploaded({ properties: { mark, os: 'tiny' } })
      const found = async (filter: object): Promise<string[]> =>
        (
          await client.images.list({
            filter: {
              ...filter,
              properties: { mark, ...('os' in filter ? { os: filter.os as string } : {}) },
            },
          })
        ).map(({ fingerprint }) => fingerprint)
      deepEqual(await found({ public: true }), [shown.fingerprint])
      deepEqual(await found({ public: false }), [hidden.fingerprint])
      deepEqual(await found({ autoUpdate: false }), [shown.fingerprint, hidden.fingerprint].sort())
      deepEqual(
        (await client.images.list({ filter: { properties: { mark, os: 'Tiny' } } })).map(
          ({ fingerprint }) => fingerprint,
        ),
        [shown.fingerprint],
      )
      deepEqual(await client.images.list({ filter: { properties: { mark: `${mark.slice(0, -1)}.` } } }), [])
    },
  },
]

/** Whether the change was made; false if another client was faster. */
async function succeeds(call: Promise<unknown>): Promise<boolean> {
  try {
    await call
    return true
  } catch (error) {
    if (isHyperkitError(error, 'precondition-failed')) return false
    throw error
  }
}

function holds(image: Image, changes: ImageChanges): void {
  for (const [key, value] of Object.entries(changes))
    deepEqual(image[key as keyof Image] ?? null, value ?? null, key)
}
