import { equal, match, ok } from 'node:assert/strict'
import { type ImageType, OperationError, type UploadFile } from '@hyperkit/core'
import { type BrokenImage, makeBrokenImage } from '../fixtures/make-broken-image.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import type { ExpectedAnswers } from '../harness/expected-answers.ts'
import { readBytes, streamFile } from '../harness/read-bytes.ts'

const topic = 'bad input: files'

interface Broken {
  name: string
  /** How the server's words end. */
  says: string | ((expected: ExpectedAnswers) => string)
  /** The advice that the client adds. */
  advice: string
}

const broken: Partial<Record<BrokenImage, Broken>> = {
  'not-an-archive': {
    name: 'a file that is no archive',
    says: 'Unsupported compression',
    advice: 'is it a whole image file',
  },
  'truncated-metadata': {
    name: 'an archive cut within its metadata',
    says: 'unexpected EOF',
    advice: 'is it a whole image file',
  },
  'no-metadata': {
    name: 'an archive without metadata.yaml',
    says: 'Metadata tarball is missing metadata.yaml',
    advice: 'is it the rootfs of a split image',
  },
  'no-creation-date': {
    name: 'metadata without a creation date',
    says: 'Missing creation date',
    advice: 'add creation_date to metadata.yaml',
  },
  'unknown-architecture': {
    name: 'an unknown architecture',
    says: ({ unknownArchitecture }) => unknownArchitecture,
    advice: 'check architecture in metadata.yaml',
  },
  'no-rootfs': {
    name: 'an archive without rootfs',
    says: 'Invalid instance type',
    advice: 'the archive has no rootfs',
  },
}

export const cases: ConformanceCase[] = [
  ...Object.entries(broken).map(
    ([kind, { name, says, advice }]): ConformanceCase => ({
      name: `an upload of ${name} fails with the server’s words and advice, and leaves nothing behind`,
      topic,
      async run({ client, directory, expected }) {
        const words = typeof says === 'string' ? says : says(expected)
        const file = await makeBrokenImage({ directory, kind: kind as BrokenImage })
        const { fingerprint, size } = file
        const filename = `${kind}.tar.gz`
        const source = { kind: 'unified', open: () => streamFile(file.path), size, filename } as const
        const error = await expectError(
          client.images.upload(source, { fingerprint, properties: { os: 'x' }, public: true }),
          'operation-failed',
        )
        ok(error instanceof OperationError && error.operation.error.endsWith(words), error.message)
        ok(
          error.message.startsWith(
            `Cannot upload image "${filename}" to "${client.name}": ${error.operation.error} (`,
          ),
          error.message,
        )
        ok(error.message.includes(advice), error.message)
        equal(await client.images.find(fingerprint), undefined)
      },
    }),
  ),
  {
    name: 'T43: metadata with a duplicate key is accepted, or refused in the server’s words',
    topic,
    async run({ client, imageFile, expected }) {
      const file = await imageFile({ architecture: 'x86_64', metadata: ['architecture: "x86_64"'] })
      const { fingerprint } = file
      const upload = client.images.upload(file.source, { fingerprint })
      if (expected.keyTwice === 'taken') equal((await upload).fingerprint, fingerprint)
      else match((await expectError(upload, 'operation-failed')).message, expected.keyTwice)
    },
  },
  {
    name: 'an empty file is refused: before it is sent if its size is known, otherwise by the server',
    topic,
    async run({ watch }) {
      const { client, requests } = await watch()
      const open = (): ReadableStream<Uint8Array> => new Blob([]).stream()
      const known = { kind: 'unified', open, size: 0, filename: 'empty.tar' } as const
      const error = await expectError(client.images.upload(known), 'invalid-argument')
      ok(error.message.includes('"empty.tar"') && error.message.includes('empty'), error.message)
      equal(requests.length, 0)
      const { size: _, ...unknown } = known
      const late = await expectError(client.images.upload(unknown), 'operation-failed')
      ok(late.message.includes('EOF'), late.message)
    },
  },
  {
    name: 'a truncated image, which servers accept, is refused if its fingerprint is given',
    topic,
    async run({ client, imageFile, expected }) {
      const file = await imageFile({ size: 65_536 })
      const bytes = await readBytes(streamFile(file.path))
      const cut = bytes.subarray(0, bytes.length / 2)
      const open = (): ReadableStream<Uint8Array> => new Blob([new Uint8Array(cut)]).stream()
      const { fingerprint } = file
      const error = await expectError(
        client.images.upload({ kind: 'unified', open }, { fingerprint }),
        'operation-failed',
      )
      ok(error.message.includes(expected.otherHash), error.message)
      ok(error.message.includes('the bytes changed in transit'), error.message)
      equal(await client.images.find(fingerprint), undefined)
    },
  },
  {
    name: 'an upload whose source has another length than announced fails with both lengths, and leaves nothing behind',
    topic,
    async run({ client, imageFile }) {
      const file = await imageFile({ size: 65_536 })
      for (const wrong of [file.size - 1000, file.size + 1000]) {
        const source = { ...file.source, size: wrong }
        const error = await expectError(
          client.images.upload(source, { fingerprint: file.fingerprint }),
          'invalid-argument',
          'interrupted',
          'closed-without-answer',
        )
        ok(error.message.includes(file.filename), error.message)
        equal(await client.images.find(file.fingerprint), undefined)
      }
      const image = await client.images.upload(file.source, { fingerprint: file.fingerprint })
      equal(image.size, file.size)
    },
  },
  {
    name: 'an upload whose source fails in the middle rejects with the source’s error, and leaves nothing behind',
    topic,
    async run({ client, imageFile }) {
      const file = await imageFile({ size: 65_536 })
      const bytes = await readBytes(streamFile(file.path))
      const failure = new Error('the disk went away')
      const open: UploadFile['open'] = () => {
        let sent = false
        return new ReadableStream<Uint8Array>({
          pull(controller) {
            if (sent) controller.error(failure)
            else controller.enqueue(bytes.slice(0, 20_000))
            sent = true
          },
        })
      }
      const outcome = await client.images
        .upload({ kind: 'unified', open }, { fingerprint: file.fingerprint })
        .catch((error: unknown) => error)
      ok(
        chainOf(outcome).some((text) => text.includes('the disk went away')),
        String(outcome),
      )
      equal(await client.images.find(file.fingerprint), undefined)
    },
  },
  {
    name: 'an upload of a split image with its two parts exchanged is refused',
    topic,
    async run({ client, splitFiles }) {
      const { source } = await splitFiles()
      const type: ImageType = 'container'
      const turned = { kind: 'split', metadata: source.rootfs, rootfs: source.metadata, type } as const
      const error = await expectError(client.images.upload(turned), 'operation-failed')
      ok(error.message.includes('metadata.yaml'), error.message)
    },
  },
]

function chainOf(error: unknown): string[] {
  const texts: string[] = []
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++)
    texts.push(at.message)
  return texts
}
