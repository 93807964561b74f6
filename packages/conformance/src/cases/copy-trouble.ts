import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { CopyError, copyImage, createClient, type Progress, type Transport } from '@hyperkit/core'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { offer } from './copy.ts'

const topic = 'copy'
const needs = ['second-server'] as const

export const cases: ConformanceCase[] = [
  {
    name: 'the progress of a relay is reported in bytes of the total, and ends with the total',
    topic,
    needs,
    async run({ client, source, imageFile, splitFiles }) {
      for (const file of [await imageFile({ size: 3_000_000 }), await splitFiles({ size: 3_000_000 })]) {
        const { fingerprint } = file
        const { size } = await source.client.images.upload(file.source, { fingerprint })
        const told: Progress[] = []
        const onProgress = (progress: Progress): void => void told.push(progress)
        await copyImage(source.client, client, fingerprint, { mode: 'relay', onProgress })
        const relayed = told.filter(({ stage }) => stage === 'relay')
        const counts = relayed.map(({ bytes = 0 }) => bytes)
        deepEqual(
          counts,
          [...counts].sort((a, b) => a - b),
        )
        ok(
          relayed.every(
            ({ totalBytes, percent = -1 }) => totalBytes === size && percent >= 0 && percent <= 100,
          ),
        )
        deepEqual([counts.at(-1), relayed.at(-1)?.percent], [size, 100])
      }
    },
  },
  {
    name: 'a copy fails if bytes change on their way, because the target refuses them',
    topic,
    needs,
    async run(context) {
      const { source, client } = context
      const offered = await offer(context, source.client)
      const from = createClient({ transport: spoil(await context.transport({ server: source }), 'change') })
      const copy = copyImage(from, client, offered.fingerprint, { mode: 'relay' })
      const error = await expectError(copy, 'copy-failed')
      match(error.message, /: relay: /)
      ok(error.message.includes(context.expected.otherHash), error.message)
      equal(await client.images.find(offered.fingerprint), undefined)
    },
  },
  {
    name: 'a relay whose source breaks off in the middle fails with the name of the source, and leaves nothing behind',
    topic,
    needs,
    async run(context) {
      const { source, client, splitFiles } = context
      const unified = await context.imageFile({ size: 2_000_000 })
      const split = await splitFiles({ size: 2_000_000 })
      const from = createClient({ transport: spoil(await context.transport({ server: source }), 'break') })
      for (const file of [unified, split]) {
        await source.client.images.upload(file.source, { fingerprint: file.fingerprint })
        const copy = copyImage(from, client, file.fingerprint, { mode: 'relay' })
        const error = await expectError(copy, 'copy-failed')
        match(error.message, /relay: Cannot export image/)
        ok(error instanceof CopyError && error.tried.length === 1 && error.cause === error.tried[0]?.error)
        equal(await client.images.find(file.fingerprint), undefined)
        await copyImage(source.client, client, file.fingerprint, { mode: 'relay' })
      }
    },
  },
  {
    name: 'aborting a relay ends both transfers and leaves nothing behind',
    topic,
    needs,
    async run(context) {
      const { source, client, splitFiles } = context
      for (const file of [
        await context.imageFile({ size: 3_000_000 }),
        await splitFiles({ size: 3_000_000 }),
      ]) {
        const { fingerprint } = file
        await source.client.images.upload(file.source, { fingerprint })
        const abort = new AbortController()
        const reason = new Error('stop it')
        const transport = await context.transport({ server: source })
        const { held, cancelled, requests, transport: holding } = hold(transport)
        const copy = copyImage(createClient({ transport: holding }), client, fingerprint, {
          mode: 'relay',
          signal: abort.signal,
        })
        const rejected = rejects(copy, (error) => error === reason)
        await held
        abort.abort(reason)
        await rejected
        await cancelled
        ok(requests.length > 0)
        equal(await client.images.find(fingerprint), undefined)
      }
    },
  },
  {
    name: 'a copy fails if the target is killed in the middle, and works when repeated',
    topic,
    needs: ['second-server', 'restart'],
    async run(context) {
      const { source, client } = context
      const own = await context.startOwn()
      const to = await context.connect({ server: own })
      const file = await context.imageFile({ size: 3_000_000 })
      const { fingerprint } = file
      await source.client.images.upload(file.source, { fingerprint, public: true })
      const { held, transport } = hold(await context.transport({ server: source }))
      const copy = copyImage(createClient({ transport }), to, fingerprint, { mode: 'relay' })
      const failed = expectError(copy, 'copy-failed', 'outcome-unknown')
      await held
      await own.restart('SIGKILL')
      await failed
      equal(await to.images.find(fingerprint), undefined)
      equal((await copyImage(source.client, to, fingerprint)).mode, 'pull')
      equal(await client.images.find(fingerprint), undefined)
    },
  },
  {
    name: 'two concurrent copies of one image share one transfer',
    topic,
    needs,
    async run(context) {
      const { source, client } = context
      const offered = await offer(context, source.client)
      const copies = await Promise.all(
        (['relay', 'pull', 'push'] as const).map((mode) =>
          copyImage(source.client, client, offered.fingerprint, { mode }),
        ),
      )
      equal(copies.filter(({ mode }) => mode !== 'none').length, 1)
      ok(await client.images.hasContent(offered.fingerprint))
    },
  },
  {
    name: 'a copy of an image that the source does not have fails as not found before anything is sent',
    topic,
    needs,
    async run(context) {
      const { source, watch, unique } = context
      const { client, requests } = await watch()
      const offered = await offer(context, source.client)
      for (const reference of [unique('absent'), 'f'.repeat(64), 'fedcba9876543210'])
        await expectError(copyImage(source.client, client, reference), 'not-found')
      const imageType = 'virtual-machine'
      await expectError(copyImage(source.client, client, offered.fingerprint, { imageType }), 'not-found')
      const mode = 'carry' as 'relay'
      await expectError(copyImage(source.client, client, offered.fingerprint, { mode }), 'invalid-argument')
      ok(requests.every(({ method }) => method === 'GET'))
    },
  },
]

/** Exports with a changed byte in the middle, or that fail there. */
function spoil(transport: Transport, how: 'change' | 'break'): Transport {
  return whereExported(transport, (body) => {
    let position = 0
    return body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          const middle = position < 20_000 && position + chunk.length >= 20_000
          position += chunk.length
          if (middle && how === 'break') throw new Error('the line is dead')
          const copy = chunk.slice()
          if (middle) copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1
          controller.enqueue(copy)
        },
      }),
    )
  })
}

/** Exports that hang in the middle. */
function hold(transport: Transport): {
  transport: Transport
  held: Promise<void>
  cancelled: Promise<void>
  /** Node does not pass an abort to the signal of a garbage-collected Request, so callers keep a reference to it. */
  requests: (Request | string)[]
} {
  const requests: (Request | string)[] = []
  let markHeld = (): void => {}
  let markCancelled = (): void => {}
  const held = new Promise<void>((resolve) => {
    markHeld = resolve
  })
  const cancelled = new Promise<void>((resolve) => {
    markCancelled = resolve
  })
  const holding = whereExported(transport, (body, signal, input) => {
    requests.push(input)
    const reader = body.getReader()
    let read = 0
    signal?.addEventListener('abort', markCancelled)
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (read > 1_000_000) {
          markHeld()
          // Like a connection, the stream fails when its request is aborted.
          return new Promise<void>((_, reject) => {
            signal?.addEventListener('abort', () => reject(signal.reason))
          })
        }
        const { value } = await reader.read()
        read += value?.length ?? 0
        if (value) controller.enqueue(value)
      },
      cancel: (reason) => reader.cancel(reason),
    })
  })
  return { transport: holding, held, cancelled, requests }
}

function whereExported(
  transport: Transport,
  change: (
    body: ReadableStream<Uint8Array>,
    signal: AbortSignal | undefined,
    input: Request | string,
  ) => ReadableStream<Uint8Array>,
): Transport {
  return {
    ...transport,
    async fetch(input, init) {
      const answer = await transport.fetch(input, init)
      const [url, signal] = typeof input === 'string' ? [input, init?.signal] : [input.url, input.signal]
      // The check for content requests only one byte.
      if (!url.includes('/export') || answer.status !== 200 || answer.body === null) return answer
      return new Response(change(answer.body, signal, input), {
        status: answer.status,
        headers: answer.headers,
      })
    },
  }
}
