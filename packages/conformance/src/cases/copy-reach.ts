import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { type CopyError, copyImage, createClient, type Operation } from '@hyperkit/core'
import type { CaseContext } from '../harness/case-context.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { hideServer } from '../harness/hide-server.ts'
import { keptOf, offer } from './copy.ts'

const topic = 'copy'
const needs = ['second-server'] as const

/** An address where no server listens. */
const nowhere = '127.0.0.1:1'

export const cases: ConformanceCase[] = [
  {
    name: 'a copy between servers that cannot reach each other is relayed, and the result lists the modes tried before',
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
      for (const { error } of tried) match(error.message, /cannot reach .*https:\/\/127\.0\.0\.1:1/)
      const error = await expectError(
        copyImage(to, from, (await offer(context, context.client)).fingerprint, { mode: 'pull' }),
        'copy-failed',
      )
      match(error.message, /^Cannot copy image "[0-9a-f]{12}" of ".*" to ".*": pull: Cannot have .* download/)
    },
  },
  {
    name: 'a copy with automatic updates is downloaded by the target itself or fails',
    topic,
    needs,
    async run(context) {
      const { source, client } = context
      const { fingerprint, aliases } = await offer(context, source.client, { public: true })
      const transport = await context.transport({ server: source })
      const from = createClient({ transport: hideServer(transport, nowhere) })
      const error = await expectError(
        copyImage(from, client, aliases[0]?.name ?? '', { autoUpdate: true }),
        'copy-failed',
      )
      match(error.message, /: pull: .* cannot reach .*; only a target that downloads the image itself/)
      ok((error as CopyError).tried.every(({ mode }) => mode === 'pull'))
      equal(await client.images.find(fingerprint), undefined)
    },
  },
  {
    name: 'a copy gives up on servers that accept a connection and then hang, and reports operations that go on there',
    topic,
    needs,
    async run(context) {
      const { source, client } = context
      const offered = await offer(context, source.client)
      const { address, letGo } = await openSilence(context)
      const from = createClient({
        transport: hideServer(await context.transport({ server: source }), address),
      })
      const to = createClient({ transport: hideServer(await context.transport(), address) })
      const before = new Set(
        [...(await client.operations.list()), ...(await source.client.operations.list())].map(({ id }) => id),
      )
      const warnings: string[] = []
      const { mode, tried, image } = await copyImage(from, to, offered.fingerprint, {
        patience: 1_000,
        onWarning: (warning) => warnings.push(warning),
      })
      deepEqual([mode, keptOf(image)], ['relay', keptOf(offered)])
      deepEqual(
        tried.map((one) => one.mode),
        ['pull', 'push'],
      )
      // The operation is cancelled on the server too, or the error reports which operation continues there.
      for (const [at, { error }] of tried.entries()) {
        const [, id] =
          /no answer within 1000 ms, and ".*" cannot cancel it: operation (\S+) continues there until https:/.exec(
            error.message,
          ) ?? []
        match(error.message, /no answer within 1000 ms/)
        const asked = at === 0 ? client : source.client
        const open = (await asked.operations.list()).filter((one) => !before.has(one.id) && isOpen(one))
        deepEqual(
          open.map((one) => one.id),
          id === undefined ? [] : [id],
          error.message,
        )
        if (id !== undefined)
          ok(warnings.some((warning) => warning.includes(`operation ${id} continues there`)))
      }
      // If the target still tries, its download fails.
      letGo()
      ok(await client.images.hasContent(offered.fingerprint))
    },
  },
  {
    name: 'a copy that is aborted while a server hangs reports the operations that go on there',
    topic,
    needs,
    async run(context) {
      const { source, client } = context
      const offered = await offer(context, source.client)
      const { address, isAsked } = await openSilence(context)
      const from = createClient({
        transport: hideServer(await context.transport({ server: source }), address),
      })
      const before = new Set((await client.operations.list()).map(({ id }) => id))
      const warnings: string[] = []
      const aborting = new AbortController()
      const { client: to, requests } = await context.watch()
      const copied = copyImage(from, to, offered.fingerprint, {
        signal: aborting.signal,
        onWarning: (warning) => warnings.push(warning),
      }).catch((error: unknown) => error)
      await isAsked
      // From then on the client knows the operation.
      while (!requests.some(({ path }) => path.includes('/wait'))) await delay(10)
      aborting.abort(new Error('enough'))
      equal(await copied, aborting.signal.reason)
      const open = (await client.operations.list()).filter((one) => !before.has(one.id) && isOpen(one))
      deepEqual(
        warnings.map((warning) => / operation (\S+) continues there until /.exec(warning)?.[1]),
        open.map(({ id }) => id),
      )
    },
  },
  {
    name: 'a copy to a target that only the source reaches is pushed',
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
    name: 'a copy skips an address that the target cannot reach and uses another one',
    topic,
    needs,
    async run(context) {
      const { source, client } = context
      const offered = await offer(context, source.client)
      const transport = await context.transport({ server: source })
      const hidden = hideServer(transport, nowhere)
      // Only the client itself uses the hidden address.
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
]

function isOpen({ class: kind, state }: Operation): boolean {
  return kind === 'task' && (state === 'running' || state === 'cancelling')
}

/** A server that accepts connections and never answers. */
async function openSilence(
  context: CaseContext,
): Promise<{ address: string; isAsked: Promise<unknown>; letGo(): void }> {
  const silent = createServer(() => {})
  const sockets = new Set<Socket>()
  silent.on('connection', (socket) => sockets.add(socket.on('error', () => {})))
  const isAsked = new Promise((resolve) => silent.once('connection', resolve))
  const letGo = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  context.cleanup(() => {
    letGo()
    silent.close()
  })
  return { address: `127.0.0.1:${(silent.address() as AddressInfo).port}`, isAsked, letGo }
}
