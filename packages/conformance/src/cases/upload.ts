import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { FingerprintMismatchError, OperationError, type Progress, type UploadSource } from '@hyperkit/core'
import type { CaseContext } from '../harness/case-context.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { hashBytes, readBytes } from '../harness/read-bytes.ts'

const topic = 'upload'

export const cases: ConformanceCase[] = [
  {
    name: 'an uploaded image comes back byte for byte',
    topic,
    async run({ client, imageFile }) {
      const file = await imageFile({ size: 300_000 })
      const image = await client.images.upload(file.source, { fingerprint: file.fingerprint })
      equal(image.fingerprint, file.fingerprint)
      equal(image.size, file.size)
      equal(image.type, 'container')
      const exported = await client.images.export(file.fingerprint)
      equal(exported.kind, 'unified')
      if (exported.kind !== 'unified') return
      deepEqual([exported.start, exported.totalSize], [0, file.size])
      equal(hashBytes(await readBytes(exported.body)), file.fingerprint)
    },
  },
  ...(['none', 'xz', 'zstd'] as const).map(
    (compression): ConformanceCase => ({
      name: `an image compressed with ${compression} is accepted`,
      topic,
      async run({ client, uploaded }) {
        const { fingerprint, size } = await uploaded({ compression })
        deepEqual((await client.images.get(fingerprint)).size, size)
      },
    }),
  ),
  {
    name: 'a split image comes back byte for byte',
    topic,
    run: (context) => roundTrip(context, 'tar.gz'),
  },
  {
    name: 'a split image with a squashfs comes back byte for byte',
    topic,
    run: (context) => roundTrip(context, 'squashfs'),
  },
  {
    name: 'an image of a virtual machine comes back byte for byte',
    topic,
    run: (context) => roundTrip(context, 'qcow2'),
  },
  {
    name: 'an image of several megabytes can be uploaded over https and over the unix socket',
    topic,
    async run({ client, socketClient, imageFile }) {
      for (const one of [client, socketClient]) {
        const file = await imageFile({ size: 8_000_000 })
        const image = await one.images.upload(file.source, { fingerprint: file.fingerprint })
        equal(image.size, file.size)
      }
    },
  },
  {
    name: 'a stream of unknown size can be uploaded',
    topic,
    async run({ client, imageFile, splitFiles }) {
      const file = await imageFile({ size: 200_000 })
      const source: UploadSource = { kind: 'unified', open: file.source.open }
      equal((await client.images.upload(source)).fingerprint, file.fingerprint)
      const split = await splitFiles({ size: 200_000 })
      const { metadata, rootfs } = split.source
      const parts: UploadSource = {
        kind: 'split',
        metadata: { open: metadata.open },
        rootfs: { open: rootfs.open },
      }
      equal((await client.images.upload(parts)).fingerprint, split.fingerprint)
    },
  },
  {
    name: 'an upload can give its fingerprint after the bytes are sent',
    topic,
    async run({ client, imageFile }) {
      const file = await imageFile()
      const image = await client.images.upload(file.source, {
        fingerprint: () => (file.opened > 0 ? file.fingerprint : 'asked too early'),
      })
      equal(image.fingerprint, file.fingerprint)
      const other = await imageFile()
      const error = await expectError(
        client.images.upload(other.source, { fingerprint: () => file.fingerprint }),
        'fingerprint-mismatch',
      )
      ok(error instanceof FingerprintMismatchError)
      deepEqual([error.expected, error.actual], [file.fingerprint, other.fingerprint])
    },
  },
  {
    name: 'an upload whose bytes do not have the expected fingerprint is refused and leaves nothing behind',
    topic,
    async run({ client, imageFile, splitFiles, expected }) {
      const wrong = 'ab'.repeat(32)
      const file = await imageFile()
      const split = await splitFiles()
      for (const { source, fingerprint } of [file, split]) {
        const error = await expectError(
          client.images.upload(source, { fingerprint: wrong }),
          'operation-failed',
        )
        match(error.message, /^Cannot upload image ".+" to ".+": /)
        ok(error instanceof OperationError && error.operation.error.startsWith(expected.otherHash))
        equal(error.operation.state, 'failure')
        equal(await client.images.find(fingerprint), undefined)
        equal(await client.images.find(wrong), undefined)
      }
    },
  },
  {
    name: 'an upload sends no bytes if the server has the image',
    topic,
    async run({ watch, imageFile, splitFiles }) {
      const { client, requests } = await watch()
      for (const file of [await imageFile(), await splitFiles()]) {
        await client.images.upload(file.source, { fingerprint: file.fingerprint })
        const opened = file.opened
        requests.length = 0
        const image = await client.images.upload(file.source, { fingerprint: file.fingerprint })
        equal(image.fingerprint, file.fingerprint)
        equal(file.opened, opened)
        deepEqual(
          requests.filter(({ method }) => method !== 'GET'),
          [],
        )
      }
    },
  },
  {
    name: 'an existing image can be uploaded again without its fingerprint',
    topic,
    async run({ client, uploaded, unique }) {
      const file = await uploaded()
      const alias = unique('again')
      const image = await client.images.upload(file.source, { aliases: [alias] })
      deepEqual([image.fingerprint, image.aliases[0]?.name], [file.fingerprint, alias])
    },
  },
  {
    name: 'two concurrent uploads of one image both succeed',
    topic,
    async run({ client, socketClient, imageFile }) {
      const file = await imageFile({ size: 100_000 })
      const { source, fingerprint } = file
      const images = await Promise.all([
        client.images.upload(source, { fingerprint }),
        socketClient.images.upload(source, { fingerprint }),
      ])
      for (const image of images) equal(image.fingerprint, fingerprint)
      ok(await client.images.hasContent(fingerprint))
    },
  },
  {
    name: 'the progress of an upload is reported in bytes, up to the last one',
    topic,
    async run({ client, imageFile }) {
      const file = await imageFile({ size: 3_000_000 })
      const seen: Progress[] = []
      await client.images.upload(file.source, {
        fingerprint: file.fingerprint,
        onProgress: (progress) => seen.push(progress),
      })
      const sent = seen.filter(({ stage }) => stage === 'upload')
      const bytes = sent.map((progress) => progress.bytes ?? 0)
      deepEqual(
        bytes,
        [...bytes].sort((a, b) => a - b),
      )
      const last = sent.at(-1)
      deepEqual([last?.bytes, last?.totalBytes, last?.percent], [file.size, file.size, 100])
    },
  },
  {
    name: 'with sync: false an upload returns a handle, and waiting for the handle ends the upload',
    topic,
    async run({ client, imageFile, unique }) {
      const file = await imageFile()
      const alias = unique('later')
      const handle = await client.images.upload(file.source, {
        fingerprint: file.fingerprint,
        aliases: [alias],
        sync: false,
      })
      match(handle.id ?? '', /^[0-9a-f-]{36}$/)
      equal((await client.operations.get(handle.id ?? '')).class, 'task')
      const image = await handle.wait()
      deepEqual(image.aliases, [{ name: alias, description: '' }])
      equal(await handle.wait(), image)
      const nothing = await client.images.upload(file.source, {
        fingerprint: file.fingerprint,
        sync: false,
      })
      equal(nothing.id, undefined)
      equal((await nothing.wait()).fingerprint, file.fingerprint)
    },
  },
]

async function roundTrip(
  { client, splitFiles }: CaseContext,
  rootfs: 'tar.gz' | 'squashfs' | 'qcow2',
): Promise<void> {
  const files = await splitFiles({ rootfs, size: 200_000 })
  const image = await client.images.upload(files.source, { fingerprint: files.fingerprint })
  deepEqual(
    [image.fingerprint, image.type, image.size],
    [files.fingerprint, files.type, files.metadata.size + files.rootfs.size],
  )
  const exported = await client.images.export(files.fingerprint)
  equal(exported.kind, 'split')
  if (exported.kind !== 'split') return
  const names: string[] = []
  const parts: Uint8Array[] = []
  for await (const part of exported.parts) {
    names.push(part.name)
    parts.push(await readBytes(part.body))
  }
  deepEqual(names, ['metadata', rootfs === 'qcow2' ? 'rootfs.img' : 'rootfs'])
  deepEqual(
    parts.map((part) => hashBytes(part)),
    [files.metadata.fingerprint, files.rootfs.fingerprint],
  )
  equal(hashBytes(...parts), files.fingerprint)
}
