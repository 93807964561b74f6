import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { isHyperkitError } from '@hyperkit/core'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'

const topic = 'delete'

export const cases: ConformanceCase[] = [
  {
    name: 'deleting an image removes it and its aliases',
    topic,
    async run({ client, uploaded, unique }) {
      const name = unique('gone')
      const { fingerprint } = await uploaded({}, { aliases: [name] })
      equal(await client.images.delete(fingerprint), undefined)
      equal(await client.images.find(fingerprint), undefined)
      equal(await client.aliases.find(name), undefined)
      ok(!(await client.images.fingerprints()).includes(fingerprint))
    },
  },
  {
    name: 'an image can be deleted by a fingerprint prefix',
    topic,
    async run({ client, uploaded }) {
      const { fingerprint } = await uploaded()
      await client.images.delete(fingerprint.slice(0, 12).toUpperCase())
      equal(await client.images.find(fingerprint), undefined)
    },
  },
  {
    name: 'deleting an image a second time fails as not found',
    topic,
    async run({ client, uploaded }) {
      const { fingerprint } = await uploaded()
      await client.images.delete(fingerprint)
      const error = await expectError(client.images.delete(fingerprint), 'not-found')
      match(error.message, new RegExp(`^Cannot delete image ${fingerprint.slice(0, 12)} on ".*"`))
    },
  },
  {
    name: 'two concurrent deletes of one image both end with the image gone',
    topic,
    async run({ client, socketClient, uploaded }) {
      const { fingerprint } = await uploaded()
      const ends = await Promise.allSettled([
        client.images.delete(fingerprint),
        socketClient.images.delete(fingerprint),
      ])
      ok(ends.some(({ status }) => status === 'fulfilled'))
      for (const end of ends)
        if (end.status === 'rejected') ok(isHyperkitError(end.reason, 'not-found'), end.reason)
      equal(await client.images.find(fingerprint), undefined)
    },
  },
  {
    name: 'with sync: false a delete returns a handle, and waiting for the handle ends the delete',
    topic,
    async run({ client, uploaded }) {
      const { fingerprint } = await uploaded()
      const handle = await client.images.delete(fingerprint, { sync: false })
      ok(handle.id)
      await handle.wait()
      equal(await client.images.find(fingerprint), undefined)
    },
  },
  {
    name: 'a deleted image can be uploaded again, and keeps no attributes of the old one',
    topic,
    async run({ client, uploaded, unique }) {
      const file = await uploaded(
        { properties: { os: 'own' } },
        { aliases: [unique('old')], public: true, properties: { old: 'yes' } },
      )
      await client.images.delete(file.fingerprint)
      const image = await client.images.upload(file.source, { fingerprint: file.fingerprint })
      deepEqual([image.aliases, image.public, image.properties], [[], false, { os: 'own' }])
    },
  },
]
