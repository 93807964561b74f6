import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import type { UploadSource } from '@hyperkit/core'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { holdDownload } from '../harness/hold-download.ts'

const topic = 'abort'

export const cases: ConformanceCase[] = [
  {
    name: 'an upload that is aborted in the middle rejects with the abort reason and leaves nothing behind',
    topic,
    async run(context) {
      const { client, imageFile } = context
      const file = await imageFile({ size: 3_000_000 })
      for (const size of [file.size, undefined]) {
        const abort = new AbortController()
        const reason = new Error('stop it')
        const { source, stalled, cancelled } = stallingSource(file.size, size)
        const upload = client.images.upload(source, { fingerprint: file.fingerprint, signal: abort.signal })
        const rejected = rejects(upload, (error) => error === reason)
        await stalled
        abort.abort(reason)
        await rejected
        equal(await cancelled, true)
        equal(await client.images.find(file.fingerprint), undefined)
      }
      await client.images.upload(file.source, { fingerprint: file.fingerprint })
    },
  },
  {
    name: 'a split upload that is aborted in the middle leaves nothing behind',
    topic,
    async run(context) {
      const { client, splitFiles } = context
      const files = await splitFiles({ size: 2_000_000 })
      const abort = new AbortController()
      const reason = new Error('stop it')
      const { source, stalled } = stallingSource(files.rootfs.size, files.rootfs.size)
      const upload = client.images.upload(
        { kind: 'split', metadata: files.source.metadata, rootfs: source },
        { fingerprint: files.fingerprint, signal: abort.signal },
      )
      const rejected = rejects(upload, (error) => error === reason)
      await stalled
      abort.abort(reason)
      await rejected
      equal(await client.images.find(files.fingerprint), undefined)
    },
  },
  {
    name: 'an upload whose source fails in the middle leaves nothing behind, and its error has the source’s error as cause',
    topic,
    async run({ client, imageFile }) {
      const file = await imageFile({ size: 1_000_000 })
      const failure = new Error('the disk is gone')
      const source: UploadSource = {
        kind: 'unified',
        size: file.size,
        open: () =>
          new ReadableStream({
            start: (controller) => controller.enqueue(new Uint8Array(70_000).fill(7)),
            pull: () => Promise.reject(failure),
          }),
      }
      const error = await client.images.upload(source, { fingerprint: file.fingerprint }).then(
        () => undefined,
        (caught: unknown) => caught,
      )
      ok(causes(error).includes(failure), String(error))
      equal(await client.images.find(file.fingerprint), undefined)
    },
  },
  {
    name: 'aborting the wait for a download cancels the download',
    topic,
    async run(context) {
      const { client } = context
      const { file, handle } = await holdDownload(context)
      const abort = new AbortController()
      const reason = new Error('never mind')
      const rejected = rejects(handle.wait({ signal: abort.signal }), (error) => error === reason)
      abort.abort(reason)
      await rejected
      await expectError(client.operations.wait(handle.id ?? ''), 'operation-cancelled')
      equal(await client.images.find(file.fingerprint), undefined)
    },
  },
  {
    name: 'aborting an export in the middle ends the stream with the abort reason',
    topic,
    async run({ client, uploaded }) {
      const { fingerprint } = await uploaded({ size: 4_000_000 })
      const abort = new AbortController()
      const reason = new Error('enough')
      const exported = await client.images.export(fingerprint, { signal: abort.signal })
      if (exported.kind !== 'unified') throw new Error('a split export came')
      const reader = exported.body.getReader()
      await reader.read()
      abort.abort(reason)
      const rest = async (): Promise<void> => {
        while (!(await reader.read()).done);
      }
      await rejects(rest(), (error) => error === reason)
      equal((await client.images.get(fingerprint)).fingerprint, fingerprint)
    },
  },
  {
    name: 'a call with an already aborted signal sends no request',
    topic,
    async run({ watch, imageFile }) {
      const { client, requests } = await watch()
      const reason = new Error('too late')
      const signal = AbortSignal.abort(reason)
      const file = await imageFile()
      const calls = [
        () => client.images.list({ signal }),
        () => client.images.upload(file.source, { signal }),
        () => client.aliases.list({ signal }),
        () => client.server({ signal }),
        () => client.operations.list({ signal }),
        () => client.events({ signal }).next(),
      ]
      for (const call of calls) await rejects(call(), (error) => error === reason)
      deepEqual([requests.length, file.opened], [0, 0])
    },
  },
]

interface StallingSource {
  source: Extract<UploadSource, { kind: 'unified' }>
  /** Resolves when the source has given all of its bytes. */
  stalled: Promise<void>
  /** Resolves when the source is cancelled because it is no longer read. */
  cancelled: Promise<boolean>
}

/** A source that gives half of its bytes and then hangs. */
function stallingSource(length: number, size: number | undefined): StallingSource {
  let markStalled = (): void => {}
  let markCancelled = (_: boolean): void => {}
  const stalled = new Promise<void>((resolve) => {
    markStalled = resolve
  })
  const cancelled = new Promise<boolean>((resolve) => {
    markCancelled = resolve
  })
  let left = Math.floor(length / 2)
  const open = (): ReadableStream<Uint8Array> =>
    new ReadableStream({
      async pull(controller) {
        if (left <= 0) {
          markStalled()
          return new Promise<void>(() => {})
        }
        const chunk = new Uint8Array(Math.min(left, 65_536)).fill(7)
        left -= chunk.length
        controller.enqueue(chunk)
      },
      cancel: () => markCancelled(true),
    })
  return { source: { kind: 'unified', open, ...(size === undefined ? {} : { size }) }, stalled, cancelled }
}

function causes(error: unknown): unknown[] {
  return error instanceof Error ? [error, ...causes(error.cause)] : []
}
