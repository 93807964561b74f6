import { deepEqual, equal, match } from 'node:assert/strict'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'

const topic = 'from a URL'
const needs = ['url-source'] as const

export const cases: ConformanceCase[] = [
  {
    name: 'an image is downloaded by a URL, with everything that is asked on it',
    topic,
    needs,
    async run({ client, imageFile, urlSource, unique }) {
      const image = await imageFile({ properties: { os: 'own' } })
      const { pageUrl } = await urlSource({ image })
      const [name, expiresAt] = [unique('by-url'), new Date('2031-02-03T04:05:06Z')]
      const made = await client.images.createFromUrl(pageUrl, {
        aliases: [{ name, description: 'd' }],
        properties: { added: 'ü & more' },
        filename: 'given.tar.gz',
        public: true,
        expiresAt,
        profiles: [],
      })
      deepEqual([made.fingerprint, made.size, made.public], [image.fingerprint, image.size, true])
      deepEqual(made.properties, { os: 'own', added: 'ü & more' })
      deepEqual([made.filename, made.profiles, made.updateSource], ['given.tar.gz', [], undefined])
      deepEqual([made.aliases, made.expiresAt], [[{ name, description: 'd' }], expiresAt])
    },
  },
  {
    name: 'an image that is there is found again by a URL',
    topic,
    needs,
    async run({ client, uploaded, urlSource, unique }) {
      const image = await uploaded()
      const { pageUrl } = await urlSource({ image })
      const name = unique('again')
      const made = await client.images.createFromUrl(pageUrl, { aliases: [name] })
      deepEqual([made.fingerprint, made.aliases[0]?.name], [image.fingerprint, name])
    },
  },
  {
    name: 'a file with another hash than announced is refused, and nothing stays',
    topic,
    needs,
    async run({ client, imageFile, urlSource }) {
      const image = await imageFile()
      const announcedFingerprint = 'ab'.repeat(32)
      const { pageUrl } = await urlSource({ image, announcedFingerprint })
      const error = await expectError(client.images.createFromUrl(pageUrl), 'operation-failed')
      match(error.message, /Hash mismatch/)
      equal(await client.images.find(image.fingerprint), undefined)
      equal(await client.images.find(announcedFingerprint), undefined)
    },
  },
  {
    name: 'a page that announces no image is an error that says so',
    topic,
    needs,
    async run({ client, imageFile, urlSource }) {
      const image = await imageFile()
      const { url } = await urlSource({ image })
      const error = await expectError(client.images.createFromUrl(`${url}/no-such-page`), 'operation-failed')
      match(error.message, /Missing (LXD|Incus)-Image-(Hash|URL) header/)
    },
  },
]
