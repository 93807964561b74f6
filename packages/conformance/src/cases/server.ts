import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { supports } from '@hyperkit/core'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'

const topic = 'server'

export const cases: ConformanceCase[] = [
  {
    name: 'a trusted client reads the kind, version, certificate and addresses of its server',
    topic,
    async run({ client, target }) {
      const server = await client.server()
      equal(server.dialect.kind, target.dialect)
      equal(server.trusted, true)
      match(server.version ?? '', /^\d+\.\d+/)
      equal(server.certificateFingerprint, target.server.serverFingerprint)
      ok(server.certificate?.includes('BEGIN CERTIFICATE'))
      ok(server.addresses.includes(new URL(target.server.url).host), String(server.addresses))
      equal(supports(server, 'image_types'), true)
    },
  },
  {
    name: 'the unix socket needs no certificate to be trusted',
    topic,
    async run({ socketClient, target }) {
      const server = await socketClient.server()
      deepEqual([server.trusted, server.dialect.kind], [true, target.dialect])
    },
  },
  {
    name: 'an untrusted client reads the kind of the server and nothing else',
    topic,
    async run({ untrustedClient, target }) {
      const server = await untrustedClient.server()
      equal(server.trusted, false)
      equal(server.dialect.kind, target.dialect)
      deepEqual([server.version, server.certificateFingerprint, server.addresses], [undefined, undefined, []])
      // On Incus 7.0 and newer this is unknown, which differs from missing.
      ok(supports(server, 'image_types') !== false)
    },
  },
  {
    name: 'a client without a certificate is untrusted, and not refused',
    topic,
    async run({ connect, target }) {
      const client = await connect({ certificate: null })
      const server = await client.server()
      deepEqual([server.trusted, server.dialect.kind], [false, target.dialect])
    },
  },
  {
    name: 'the client asks for the kind of the server once, and again only on request',
    topic,
    async run({ watch }) {
      const { client, requests } = await watch()
      await client.server()
      await client.server()
      await client.project('default').server()
      equal(requests.length, 1)
      await client.server({ fresh: true })
      equal(requests.length, 2)
    },
  },
  {
    name: 'an untrusted client is refused everything that is not public',
    topic,
    async run({ untrustedClient, imageFile, client, expected }) {
      const file = await imageFile()
      const { images, aliases, operations, certificates } = untrustedClient
      const calls = [
        () => aliases.list(),
        () => operations.list(),
        () => certificates.list(),
        () => images.upload(file.source, { fingerprint: file.fingerprint }),
      ]
      for (const call of calls) {
        const error = await expectError(call(), 'not-authorized')
        match(error.message, /^Cannot .* on ".*": the server answered 403 "/)
        ok(error.message.includes(`"${expected.refusal}"`), error.message)
      }
      equal(await client.images.find(file.fingerprint), undefined)
    },
  },
  {
    name: 'the client can send any other request of the API',
    topic,
    async run({ client }) {
      const answer = await client.request({ method: 'GET', path: '/1.0/projects/default' })
      equal((answer.metadata as { name: string }).name, 'default')
      ok(answer.etag)
      const error = await expectError(
        client.request({ method: 'GET', path: '/1.0/no-such-thing' }),
        'not-found',
      )
      match(error.message, /GET \/1.0\/no-such-thing/)
    },
  },
]
