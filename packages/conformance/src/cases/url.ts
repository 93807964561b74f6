import { deepEqual, equal, match, ok } from 'node:assert/strict'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'

const topic = 'from a URL'

export const cases: ConformanceCase[] = [
  {
    name: 'an image downloaded from a URL has all requested attributes',
    topic,
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
    name: 'a download from a URL of an image that the server has returns that image',
    topic,
    async run({ client, uploaded, urlSource, unique }) {
      const image = await uploaded()
      const { pageUrl } = await urlSource({ image })
      const name = unique('again')
      const made = await client.images.createFromUrl(pageUrl, { aliases: [name] })
      deepEqual([made.fingerprint, made.aliases[0]?.name], [image.fingerprint, name])
    },
  },
  {
    name: 'a download from a URL whose file has another hash than announced is refused and leaves nothing behind',
    topic,
    async run({ client, imageFile, urlSource }) {
      const image = await imageFile()
      const announcedFingerprint = 'ab'.repeat(32)
      const { pageUrl } = await urlSource({ image, announcedFingerprint })
      const error = await expectError(client.images.createFromUrl(pageUrl), 'operation-failed')
      match(error.message, /the bytes changed in transit, or the expected fingerprint is wrong/)
      equal(await client.images.find(image.fingerprint), undefined)
      equal(await client.images.find(announcedFingerprint), undefined)
    },
  },
  {
    name: 'a download from a page that announces no image fails with an error that says so',
    topic,
    async run({ client, expected, imageFile, urlSource }) {
      const image = await imageFile()
      const { url } = await urlSource({ image })
      const error = await expectError(
        client.images.createFromUrl(`${url}/no-such-page`),
        expected.downloadsUrls ? 'operation-failed' : 'unsupported',
      )
      match(error.message, /names no image in .* give .* as "sha256"/)
    },
  },
  {
    name: 'the server downloads from the URL, or the client does and uploads the file if the server cannot',
    topic,
    async run({ watch, target, expected, imageFile, urlSource }) {
      const image = await imageFile()
      const { pageUrl, requests: asked } = await urlSource({ image, dialects: [target.dialect] })
      const { client, requests } = await watch()
      equal((await client.images.createFromUrl(pageUrl)).fingerprint, image.fingerprint)
      const [sent] = requests.filter(({ method }) => method === 'POST')
      equal(sent?.headers.get('content-type') === 'application/json', expected.downloadsUrls)
      deepEqual(asked, ['HEAD /image', `GET /files/${image.filename}`])
      if (expected.downloadsUrls) return
      const json = { source: { type: 'url', mode: 'pull', url: pageUrl } }
      await expectError(client.request({ method: 'POST', path: '/1.0/images', json }), 'bad-request')
    },
  },
  {
    name: 'an image with a given hash can be downloaded from the URL of its file or of a page that announces it',
    topic,
    async run({ watch, imageFile, urlSource, unique }) {
      for (const where of ['file', 'page'] as const) {
        const image = await imageFile({ properties: { os: 'own' }, size: 300_000 })
        const { url, pageUrl, requests: asked } = await urlSource({ image })
        const { client } = await watch()
        const name = unique('by-hash')
        const source = where === 'page' ? pageUrl : `${url}/files/${image.filename}`
        const made = await client.images.createFromUrl(source, {
          sha256: image.fingerprint.toUpperCase(),
          aliases: [name],
          properties: { added: 'yes' },
        })
        deepEqual(
          [made.fingerprint, made.size, made.filename],
          [image.fingerprint, image.size, image.filename],
        )
        deepEqual([made.properties, made.aliases[0]?.name], [{ os: 'own', added: 'yes' }, name])
        asked.length = 0
        await client.images.createFromUrl(source, { sha256: image.fingerprint })
        ok(asked.every((line) => line.startsWith('HEAD ')))
      }
    },
  },
  {
    name: 'a download from a URL is refused if the announced hash or the bytes do not match the given hash',
    topic,
    async run({ watch, imageFile, urlSource }) {
      const image = await imageFile()
      const { url, pageUrl } = await urlSource({ image })
      const sha256 = 'cd'.repeat(32)
      const { client, requests } = await watch()
      await expectError(client.images.createFromUrl(pageUrl, { sha256 }), 'fingerprint-mismatch')
      ok(requests.every(({ method }) => method === 'GET'))
      const file = `${url}/files/${image.filename}`
      const error = await expectError(client.images.createFromUrl(file, { sha256 }), 'operation-failed')
      match(error.message, /the bytes changed in transit, or the expected fingerprint is wrong/)
      const absent = client.images.createFromUrl(`${url}/nowhere`, { sha256 })
      match((await expectError(absent, 'not-found')).message, /the server answered 404/)
      await expectError(client.images.createFromUrl(file, { sha256: 'short' }), 'invalid-argument')
      for (const fingerprint of [sha256, image.fingerprint])
        equal(await client.images.find(fingerprint), undefined)
    },
  },
]
