import { deepEqual, equal, ok } from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { type Client, type ImageExport, isHyperkitError } from '@hyperkit/core'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { holdDownload } from '../harness/hold-download.ts'
import { meetIdentity } from '../harness/meet.ts'
import { hashBytes, readBytes } from '../harness/read-bytes.ts'

const topic = 'traps: content'

export const cases: ConformanceCase[] = [
  {
    name: 'T5, T70: an upload of an image that the server is downloading ends, and the server has the content afterwards',
    topic,
    needs: ['simplestreams'],
    async run(context) {
      const { client, expected } = context
      const { file, handle, source } = await holdDownload(context)
      const { fingerprint } = file
      const ended = handle.wait().then(
        () => 'success',
        () => 'failure',
      )
      // LXD 5.21 and newer make the upload wait for the download; the others store it, and its content is lost with the download.
      const error = await client.images.upload(file.source, { fingerprint, patience: 3_000 }).then(
        () => undefined,
        (caught: unknown) => caught,
      )
      equal(error === undefined ? 'goes on' : 'waits', expected.uploadDuringDownload)
      if (error !== undefined) {
        ok(isHyperkitError(error, 'timeout'), String(error))
        ok(error.message.includes(`waiting for operation ${handle.id} `), error.message)
        equal((await client.operations.get(handle.id ?? '')).state, 'running')
      }
      source.release()
      await ended
      equal((await client.images.upload(file.source, { fingerprint })).fingerprint, fingerprint)
      equal(await hashOfExport(client, fingerprint), fingerprint)
    },
  },
  {
    name: 'T5: several concurrent uploads of one image all succeed, and the server has its content',
    topic,
    async run({ client, connect, imageFile }) {
      const file = await imageFile({ size: 300_000 })
      const { fingerprint } = file
      const clients = await Promise.all([1, 2, 3, 4].map(() => connect()))
      const images = await Promise.all(clients.map((one) => one.images.upload(file.source, { fingerprint })))
      ok(images.every((image) => image.fingerprint === fingerprint))
      equal(await hashOfExport(client, fingerprint), fingerprint)
    },
  },
  {
    name: 'T61: an upload by a client that may create images but not view them succeeds, and reports what it could not do',
    topic,
    needs: ['fine-grained'],
    async run(context) {
      const { client, imageFile, unique } = context
      const guest = await meetIdentity(
        context,
        ['can_view', 'can_create_images'].map((entitlement) => ({ entitlement, project: 'default' })),
      )
      const [plain, named] = [await imageFile(), await imageFile()]
      const { fingerprint } = plain
      const image = await guest.images.upload(plain.source, { fingerprint })
      equal(image.fingerprint, fingerprint)
      await expectError(guest.images.find(fingerprint), 'not-authorized')
      const properties = { note: unique('unseen') }
      const call = guest.images.upload(named.source, { fingerprint: named.fingerprint, properties })
      const error = await expectError(call, 'not-authorized')
      ok(
        error.message.startsWith('Cannot set properties') && error.message.includes('can_view_images'),
        error.message,
      )
      const again = await expectError(guest.images.upload(plain.source, { fingerprint }), 'operation-failed')
      ok(again.message.includes(`looking for image ${fingerprint} failed too`), again.message)
      for (const one of [plain, named]) equal(await hashOfExport(client, one.fingerprint), one.fingerprint)
    },
  },
  {
    name: 'T16: the server itself refuses bytes that are not those of the expected fingerprint',
    topic,
    async run({ client, imageFile, splitFiles }) {
      const wrong = hashBytes(Buffer.from(`not ${Date.now()}`))
      for (const file of [await imageFile(), await splitFiles()]) {
        const call = client.images.upload(file.source, { fingerprint: wrong })
        const error = await expectError(call, 'operation-failed')
        ok(error.message.includes(wrong) && error.message.includes(file.fingerprint), error.message)
        equal(await client.images.find(file.fingerprint), undefined)
        equal(await client.images.find(wrong), undefined)
      }
    },
  },
  {
    name: 'T16: the public flag and the filename are sent with the upload itself',
    topic,
    async run({ client, imageFile, unique }) {
      const file = await imageFile()
      const filename = `${unique('named')}.tar.gz`
      const handle = await client.images.upload(file.source, { public: true, filename, sync: false })
      // The operation alone, so that the client makes no further change.
      await client.operations.wait(handle.id ?? '')
      const image = await client.images.get(file.fingerprint)
      deepEqual([image.public, image.filename], [true, filename])
    },
  },
  {
    name: 'T24: an export that starts past the end is refused at once, though LXD announces a whole file that never arrives',
    topic,
    async run({ client, uploaded }) {
      const { fingerprint, size } = await uploaded({ size: 200_000 })
      for (const start of [size, size + 1, size * 2]) {
        const error = await expectError(
          client.images.export(fingerprint, { range: { start } }),
          'invalid-argument',
        )
        ok(error.message.includes(fingerprint.slice(0, 12)), error.message)
      }
      const last = await client.images.export(fingerprint, { range: { start: size - 1 } })
      ok(last.kind === 'unified')
      deepEqual([last.start, last.totalSize, (await readBytes(last.body)).length], [size - 1, size, 1])
      for (const start of [-1, 0.5, Number.NaN])
        await expectError(client.images.export(fingerprint, { range: { start } }), 'invalid-argument')
    },
  },
  {
    name: 'T24: a resumed export of a split image starts from the beginning, and the client does not mistake it for the rest',
    topic,
    async run({ client, splitFiles }) {
      const files = await splitFiles()
      await client.images.upload(files.source, { fingerprint: files.fingerprint })
      const exported = await client.images.export(files.fingerprint, { range: { start: 100 } })
      equal(exported.kind, 'split')
      equal(hashBytes(...(await partsOf(exported))), files.fingerprint)
    },
  },
  {
    name: 'T19: a cancelled secret stops working after the five seconds that the server keeps it',
    topic,
    async run({ client, untrustedClient, uploaded }) {
      const { fingerprint } = await uploaded()
      const { secret, operation } = await client.images.createSecret(fingerprint)
      await operation.cancel()
      const read = () =>
        untrustedClient.images.get(fingerprint, { secret }).catch((error: unknown) => {
          if (isHyperkitError(error, 'not-authorized')) return undefined
          throw error
        })
      while (await read()) await delay(100)
      await expectError(untrustedClient.images.export(fingerprint, { secret }), 'not-authorized')
      await expectError(operation.cancel(), 'bad-request', 'not-found')
    },
  },
]

async function hashOfExport(client: Client, fingerprint: string): Promise<string> {
  return hashBytes(...(await partsOf(await client.images.export(fingerprint))))
}

async function partsOf(exported: ImageExport): Promise<Uint8Array[]> {
  if (exported.kind === 'unified') return [await readBytes(exported.body)]
  const parts: Uint8Array[] = []
  for await (const { body } of exported.parts) parts.push(await readBytes(body))
  return parts
}
