import { deepEqual, equal, match, ok } from 'node:assert/strict'
import type { UnifiedExport } from '@hyperkit/core'
import type { CaseContext } from '../harness/case-context.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { hashBytes, readBytes } from '../harness/read-bytes.ts'

const topic = 'export'

export const cases: ConformanceCase[] = [
  {
    name: 'an interrupted export can be resumed from where it ended',
    topic,
    async run({ client, uploaded }) {
      const { fingerprint, size } = await uploaded({ size: 500_000 })
      const whole = await unified({ client }, fingerprint)
      const reader = whole.body.getReader()
      const { value = new Uint8Array() } = await reader.read()
      await reader.cancel()
      const first = value.subarray(0, size / 2)
      ok(first.length > 0)
      const rest = await unified({ client }, fingerprint, first.length)
      deepEqual([rest.start, rest.totalSize], [first.length, size])
      equal(hashBytes(first, await readBytes(rest.body)), fingerprint)
    },
  },
  {
    name: 'an export can start at the last byte',
    topic,
    async run({ client, uploaded }) {
      const { fingerprint, size } = await uploaded()
      const last = await unified({ client }, fingerprint, size - 1)
      deepEqual([last.start, (await readBytes(last.body)).length], [size - 1, 1])
    },
  },
  {
    name: 'an export that starts past the end of the file is refused',
    topic,
    async run({ client, uploaded }) {
      const { fingerprint, size } = await uploaded()
      const error = await expectError(
        client.images.export(fingerprint, { range: { start: size } }),
        'invalid-argument',
      )
      match(error.message, /^Cannot export image [0-9a-f]{12} of ".*" from that byte/)
      equal((await client.images.get(fingerprint)).fingerprint, fingerprint)
    },
  },
  {
    name: 'a split image is exported from its beginning, also when a later start is requested',
    topic,
    async run({ client, splitFiles }) {
      const files = await splitFiles({ size: 100_000 })
      await client.images.upload(files.source, { fingerprint: files.fingerprint })
      const exported = await client.images.export(files.fingerprint, { range: { start: 5_000 } })
      equal(exported.kind, 'split')
      if (exported.kind !== 'split') return
      const parts: Uint8Array[] = []
      for await (const part of exported.parts) parts.push(await readBytes(part.body))
      equal(hashBytes(...parts), files.fingerprint)
    },
  },
  {
    name: 'an export can be abandoned at any moment, and the client stays usable',
    topic,
    async run({ client, uploaded, splitFiles }) {
      const { fingerprint } = await uploaded({ size: 2_000_000 })
      const left = await unified({ client }, fingerprint)
      await left.body.cancel()
      const files = await splitFiles({ size: 2_000_000 })
      await client.images.upload(files.source, { fingerprint: files.fingerprint })
      const exported = await client.images.export(files.fingerprint)
      if (exported.kind === 'split') await exported.cancel()
      const again = await client.images.export(files.fingerprint)
      if (again.kind === 'split') {
        for await (const part of again.parts) {
          equal(part.name, 'metadata')
          await part.body.cancel()
          break
        }
      }
      equal((await client.images.get(fingerprint)).fingerprint, fingerprint)
    },
  },
  {
    name: 'an exported file is named after the fingerprint, not after the uploaded file',
    topic,
    async run({ client, uploaded }) {
      const { fingerprint } = await uploaded({}, { filename: '../../evil name.tar.gz' })
      const exported = await unified({ client }, fingerprint)
      await exported.body.cancel()
      equal(exported.filename, `${fingerprint}.tar.gz`)
      equal(exported.fingerprint, fingerprint)
    },
  },
  {
    name: 'an image can be exported by a fingerprint prefix',
    topic,
    async run({ client, uploaded }) {
      const { fingerprint } = await uploaded()
      const exported = await unified({ client }, fingerprint.slice(0, 15).toUpperCase())
      equal(exported.fingerprint, fingerprint)
      equal(hashBytes(await readBytes(exported.body)), fingerprint)
    },
  },
  {
    name: 'an untrusted client can export public images and nothing else',
    topic,
    async run({ untrustedClient, uploaded }) {
      const shown = await uploaded({}, { public: true })
      const exported = await unified({ client: untrustedClient }, shown.fingerprint)
      equal(hashBytes(await readBytes(exported.body)), shown.fingerprint)
      const hidden = await uploaded()
      await expectError(untrustedClient.images.export(hidden.fingerprint), 'not-authorized')
    },
  },
  {
    name: 'a secret lets an untrusted client export one private image',
    topic,
    async run({ client, untrustedClient, uploaded, splitFiles }) {
      const { fingerprint } = await uploaded()
      const { secret } = await client.images.createSecret(fingerprint)
      const exported = await untrustedClient.images.export(fingerprint, { secret })
      if (exported.kind === 'unified') equal(hashBytes(await readBytes(exported.body)), fingerprint)
      const files = await splitFiles()
      await client.images.upload(files.source, { fingerprint: files.fingerprint })
      await expectError(untrustedClient.images.export(files.fingerprint, { secret }), 'not-authorized')
    },
  },
  {
    name: 'exporting an unknown image fails as not found',
    topic,
    async run({ client }) {
      await expectError(client.images.export('ba5eba11'.padEnd(64, '0')), 'not-found')
      await expectError(client.images.export('ba5eba11ba5eba11'), 'not-found')
    },
  },
  {
    name: 'hasContent checks without a download whether the server has the file of an image',
    topic,
    async run({ client, uploaded, splitFiles }) {
      const { fingerprint } = await uploaded({ size: 1_000_000 })
      equal(await client.images.hasContent(fingerprint), true)
      const files = await splitFiles({ size: 1_000_000 })
      await client.images.upload(files.source, { fingerprint: files.fingerprint })
      equal(await client.images.hasContent(files.fingerprint), true)
      await expectError(client.images.hasContent('ba5eba11'.padEnd(64, '0')), 'not-found')
    },
  },
]

async function unified(
  { client }: Pick<CaseContext, 'client'>,
  fingerprint: string,
  start?: number,
): Promise<UnifiedExport> {
  const exported = await client.images.export(fingerprint, start === undefined ? {} : { range: { start } })
  if (exported.kind !== 'unified') throw new Error(`a ${exported.kind} export came`)
  return exported
}
