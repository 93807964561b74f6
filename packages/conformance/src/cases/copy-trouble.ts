import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { CopyError, copyImage, createClient, type Progress, type Transport } from '@hyperkit/core'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { hideServer } from '../harness/hide-server.ts'
import { keptOf, offer } from './copy.ts'

const topic = 'copy'
const needs = ['second-server'] as const

/** Nobody listens there. */
const nowhere = '127.0.0.1:1'

export const cases: ConformanceCase[] = [
  {
    name: 'servers that do not reach each other are copied between all the same, and it is told what was tried',
    topic,
    needs,
    async run(context) {
      const { source } = context
      const offered = await offer(context, source.client)
      const from = createClient({
        transport: hideServer(await context.transport({ server: source }), nowhere),
      })
      const to = createClient({ transport: hideServer(await context.transport(), nowhere) })
      const { mode, image, tried } = await copyImage(from, to, offered.fingerprint)
      deepEqual([mode, keptOf(image)], ['relay', keptOf(offered)])
      deepEqual(
        tried.map((one) => one.mode),
        ['pull', 'push'],
      )
      for (const { error } of tried) match(error.message, /does not reach .*https:\/\/127\.0\.0\.1:1/)
      const error = await expectError(
        copyImage(to, from, (await offer(context, context.client)).fingerprint, { mode: 'pull' }),
        'copy-failed',
      )
      match(error.message, /^Cannot copy image "[0-9a-f]{12}" of ".*" to ".*": pull: Cannot have .* download/)
    },
  },
  {
    name: 'servers that accept a connection and then hang are not waited for, and nothing of it is left',
    topic,
    needs,
    async run(context) {
      const { source, client } = context
      const offered = await offer(context, source.client)
      const silent = createServer(() => {})
      const sockets = new Set<Socket>()
      silent.on('connection', (socket) => sockets.add(socket.on('error', () => {})))
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
      context.cleanup(() => {
        for (const socket of sockets) socket.destroy()
        silent.close()
      })
      const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`
      const from = createClient({
        transport: hideServer(await context.transport({ server: source }), address),
      })
      const to = createClient({ transport: hideServer(await context.transport(), address) })
      const { mode, tried, image } = await copyImage(from, to, offered.fingerprint, { patience: 1_000 })
      deepEqual([mode, keptOf(image)], ['relay', keptOf(offered)])
      for (const { error } of tried) match(error.message, /no answer within 1000 ms/)
      // What the target still tries is a download of nothing that anybody has.
      for (const socket of sockets) socket.destroy()
      ok(await client.images.hasContent(offered.fingerprint))
    },
  },
  {
    name: 'the progress of a relay is told in bytes of the whole, and ends with all of them',
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
    name: 'a target that only the source reaches is pushed to',
    topic,
    needs,
    async run(context) {
      const { source, client } = context
      const offered = await offer(context, source.client)
      const from = createClient({
        transport: hideServer(await context.transport({ server: source }), nowhere),
      })
      const { mode, tried } = await copyImage(from, client, offered.fingerprint)
      deepEqual([mode, tried.map((one) => one.mode)], ['push', ['pull']])
    },
  },
  {
    name: 'an address that the target does not reach is passed over for one that it does',
    topic,
    needs,
    async run(context) {
      const { source, client } = context
      const offered = await offer(context, source.client)
      const transport = await context.transport({ server: source })
      const hidden = hideServer(transport, nowhere)
      // Only the client's own way to the source is one that others do not have.
      const from = createClient({
        transport: {
          ...hidden,
          fetch: (input, init) => {
            const url = typeof input === 'string' ? input : input.url
            return url === `${hidden.origin}/1.0`
              ? transport.fetch(`${transport.origin}/1.0`, init)
              : hidden.fetch(input, init)
          },
        },
      })
      const { mode, tried } = await copyImage(from, client, offered.fingerprint)
      deepEqual([mode, tried], ['pull', []])
    },
  },
  {
    name: 'bytes that change on their way are refused by the target, and that is an error',
    topic,
    needs,
    async run(context) {
      const { source, client } = context
      const offered = await offer(context, source.client)
      const from = createClient({ transport: spoil(await context.transport({ server: source }), 'change') })
      const copy = copyImage(from, client, offered.fingerprint, { mode: 'relay' })
      const error = await expectError(copy, 'copy-failed')
      match(error.message, /relay: .*fingerprints don't match/)
      equal(await client.images.find(offered.fingerprint), undefined)
    },
  },
  {
    name: 'a source that breaks off in the middle of a relay is an error that names the source, and leaves nothing',
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
    name: 'an aborted relay ends both sides and leaves nothing',
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
        const { held, cancelled, transport: holding } = hold(transport)
        const copy = copyImage(createClient({ transport: holding }), client, fingerprint, {
          mode: 'relay',
          signal: abort.signal,
        })
        const rejected = rejects(copy, (error) => error === reason)
        await held
        abort.abort(reason)
        await rejected
        await cancelled
        equal(await client.images.find(fingerprint), undefined)
      }
    },
  },
  {
    name: 'two copies of one image at once are one transfer',
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
    name: 'what the source has not is not found, before anything is sent',
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

/** Exports that come with a changed byte in the middle, or end there with an error. */
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

/** Exports that stand still in the middle. */
function hold(transport: Transport): { transport: Transport; held: Promise<void>; cancelled: Promise<void> } {
  let markHeld = (): void => {}
  let markCancelled = (): void => {}
  const held = new Promise<void>((resolve) => {
    markHeld = resolve
  })
  const cancelled = new Promise<void>((resolve) => {
    markCancelled = resolve
  })
  const holding = whereExported(transport, (body, signal) => {
    const reader = body.getReader()
    let read = 0
    signal?.addEventListener('abort', markCancelled)
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (read > 1_000_000) {
          markHeld()
          // As a connection does: it breaks when its request is aborted.
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
  return { transport: holding, held, cancelled }
}

function whereExported(
  transport: Transport,
  change: (body: ReadableStream<Uint8Array>, signal: AbortSignal | undefined) => ReadableStream<Uint8Array>,
): Transport {
  return {
    ...transport,
    async fetch(input, init) {
      const answer = await transport.fetch(input, init)
      const [url, signal] = typeof input === 'string' ? [input, init?.signal] : [input.url, input.signal]
      // The look for content asks for one byte only.
      if (!url.includes('/export') || answer.status !== 200 || answer.body === null) return answer
      return new Response(change(answer.body, signal), { status: answer.status, headers: answer.headers })
    },
  }
}
