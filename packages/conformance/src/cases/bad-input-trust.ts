import { deepEqual, equal, match, ok } from 'node:assert/strict'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'

const topic = 'bad input: trust'

export const cases: ConformanceCase[] = [
  {
    name: 'an untrusted client can change nothing, and the error names its certificate as the reason',
    topic,
    async run({ client, untrustedClient, connect, uploaded, imageFile, unique }) {
      const name = unique('guarded')
      const file = await uploaded({}, { aliases: [name], public: true })
      const { fingerprint } = file
      const before = await client.images.get(fingerprint)
      const other = await imageFile({ size: 100_000 })
      for (const outsider of [untrustedClient, await connect({ certificate: null })]) {
        const calls = [
          () => outsider.images.upload(other.source, { fingerprint: other.fingerprint }),
          () => outsider.images.upload(other.source),
          () => outsider.images.delete(fingerprint),
          () => outsider.images.update(fingerprint, { public: false }),
          () => outsider.images.patch(fingerprint, { public: false }),
          () => outsider.images.createSecret(fingerprint),
          () => outsider.aliases.create(unique('theirs'), { target: fingerprint }),
          () => outsider.aliases.delete(name),
          () => outsider.operations.list(),
        ]
        for (const call of calls) {
          const error = await expectError(call(), 'not-authorized')
          match(error.message, /does not trust this client|untrusted clients see only public images/)
          ok(error.message.includes(`"${outsider.name}"`), error.message)
        }
      }
      deepEqual(await client.images.get(fingerprint), before)
      equal(await client.images.find(other.fingerprint), undefined)
    },
  },
  {
    name: 'an untrusted client sees public images and nothing else',
    topic,
    async run({ untrustedClient, uploaded }) {
      const shown = await uploaded({}, { public: true })
      const hidden = await uploaded()
      equal((await untrustedClient.server()).trusted, false)
      const listed = await untrustedClient.images.fingerprints()
      deepEqual([listed.includes(shown.fingerprint), listed.includes(hidden.fingerprint)], [true, false])
      await expectError(untrustedClient.images.get(hidden.fingerprint), 'not-authorized')
      await expectError(untrustedClient.images.export(hidden.fingerprint), 'not-authorized')
      await expectError(
        untrustedClient.images.get(hidden.fingerprint, { secret: 'a'.repeat(64) }),
        'not-authorized',
      )
    },
  },
]
