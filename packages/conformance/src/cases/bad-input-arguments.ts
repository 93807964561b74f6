import { deepEqual, equal, ok } from 'node:assert/strict'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'

const topic = 'bad input: arguments'

const badNames = ['', '.', '..', 'a\0b', 'a\nb', '\u001b[31m', '\u007f', '\ud800', 'x\udc00y']
const badFingerprints = ['%', '_', 'abc%', 'xyz', '../aliases', ' abcdef', 'a'.repeat(65), 'ä', 'abc?x=1']

export const cases: ConformanceCase[] = [
  {
    name: 'every call refuses an alias name that servers truncate, lose or cannot remove, and sends nothing',
    topic,
    async run({ watch, imageFile }) {
      const { client, requests } = await watch()
      const file = await imageFile()
      const { fingerprint } = file
      for (const name of badNames) {
        const calls = [
          () => client.aliases.create(name, { target: fingerprint }),
          () => client.aliases.set(name, { target: fingerprint }),
          () => client.aliases.update(name, { target: fingerprint }),
          () => client.aliases.rename(name, 'good'),
          () => client.aliases.rename('good', name),
          () => client.aliases.get(name),
          () => client.aliases.delete(name),
          () => client.images.getByAlias(name),
          () => client.images.upload(file.source, { fingerprint, aliases: [name] }),
          () => client.images.upload(file.source, { fingerprint, aliases: [{ name }] }),
        ]
        for (const call of calls) {
          const error = await expectError(call(), 'invalid-argument')
          // Messages write control characters out; JSON leaves this one as it is.
          ok(error.message.includes(JSON.stringify(name).replace('\x7f', '\\u007f')), error.message)
        }
      }
      deepEqual([requests.map(({ path }) => path), file.opened], [[], 0])
    },
  },
  {
    name: 'every call refuses an invalid fingerprint and sends nothing',
    topic,
    async run({ watch }) {
      const { client, requests } = await watch()
      for (const id of badFingerprints) {
        const calls = [
          () => client.images.get(id),
          () => client.images.find(id),
          () => client.images.delete(id),
          () => client.images.update(id, { public: true }),
          () => client.images.patch(id, { public: true }),
          () => client.images.refresh(id),
          () => client.images.createSecret(id),
          () => client.images.export(id),
          () => client.images.hasContent(id),
          () => client.aliases.create('good', { target: id }),
        ]
        for (const call of calls) await expectError(call(), 'invalid-argument')
      }
      await expectError(client.images.get(''), 'image-identifier-required')
      equal(requests.length, 0)
    },
  },
  {
    name: 'a line break in a header value is refused, so that it cannot inject headers',
    topic,
    async run({ watch, imageFile }) {
      const { client, requests } = await watch()
      const file = await imageFile()
      const filename = 'x.tar.gz\r\nX-LXD-public: true'
      await expectError(client.images.upload(file.source, { filename }), 'invalid-argument')
      deepEqual([requests.length, file.opened], [0, 0])
    },
  },
  {
    name: 'an upload with properties that cannot be texts is refused before it begins',
    topic,
    async run({ watch, imageFile }) {
      const { client, requests } = await watch()
      const file = await imageFile()
      for (const properties of [
        null,
        [],
        { a: Number.NaN },
        { a: null },
        { a: {} },
        { '': 'x' },
        { a: 'b\0c' },
      ]) {
        const options = { properties } as never
        await expectError(client.images.upload(file.source, options), 'invalid-argument')
      }
      deepEqual([requests.length, file.opened], [0, 0])
    },
  },
  {
    name: 'an upload that lists one alias twice is refused before it begins',
    topic,
    async run({ watch, imageFile, unique }) {
      const { client, requests } = await watch()
      const file = await imageFile()
      const name = unique('twice')
      const error = await expectError(
        client.images.upload(file.source, { aliases: [name, { name, description: 'again' }] }),
        'invalid-argument',
      )
      ok(error.message.includes(name))
      deepEqual([requests.length, file.opened], [0, 0])
    },
  },
]
