import { equal, ok, rejects } from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type Client,
  createClient,
  isHyperkitError,
  OperationError,
  OutcomeUnknownError,
  type Transport,
} from '@hyperkit/core'
import type { TransportInit } from '@hyperkit/core/parts'
import { makeBrokenImage } from '../fixtures/make-broken-image.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { holdDownload } from '../harness/hold-download.ts'
import { streamFile } from '../harness/read-bytes.ts'
import { listenLoopback } from '../servers/listen-loopback.ts'

const topic = 'traps: waiting'

export const cases: ConformanceCase[] = [
  {
    name: 'T2: a failed operation rejects with the server’s words, in whichever way the server reports it',
    topic,
    async run({ client, directory }) {
      const file = await makeBrokenImage({ directory, kind: 'not-an-archive' })
      const source = { kind: 'unified', open: () => streamFile(file.path) } as const
      const error = await expectError(client.images.upload(source), 'operation-failed')
      ok(error instanceof OperationError)
      equal(error.operation.state, 'failure')
      equal(error.operation.error, 'Unsupported compression')
      const handle = await client.images.upload(source, { sync: false })
      const bare = await expectError(client.operations.wait(handle.id ?? ''), 'operation-failed')
      ok(bare instanceof OperationError && bare.message.includes('Unsupported compression'))
    },
  },
  {
    name: 'T2: the client keeps waiting if a wait ends before the operation does',
    topic,
    async run(context) {
      const { file, handle, source } = await holdDownload(context)
      const requests: string[] = []
      const client = createClient({ transport: shortenWaits(await context.transport(), requests) })
      const ended = client.operations.wait(handle.id ?? '')
      while (requests.length < 3) await delay(20)
      equal((await client.operations.get(handle.id ?? '')).state, 'running')
      source.release()
      equal((await ended).metadata.fingerprint, file.fingerprint)
      await handle.wait()
    },
  },
  {
    name: 'T18: an operation that the server has already forgotten is judged by its effect',
    topic,
    needs: ['simplestreams'],
    async run({ client, imageFile, uploaded, simplestreams, unique }) {
      const [sent, fetched, removed] = [await imageFile(), await imageFile(), await uploaded()]
      const alias = unique('late')
      const image = { os: 'Late', release: alias, aliases: [alias], image: fetched }
      const { url } = await simplestreams([image])
      const upload = await client.images.upload(sent.source, { fingerprint: sent.fingerprint, sync: false })
      const download = await client.images.createFromRemote(url, {
        alias,
        protocol: 'simplestreams',
        sync: false,
        public: true,
      })
      const removal = await client.images.delete(removed.fingerprint, { sync: false })
      await untilForgotten(client, upload.id, download.id, removal.id)
      const bare = await expectError(client.operations.wait(upload.id ?? ''), 'outcome-unknown')
      ok(bare instanceof OutcomeUnknownError && bare.operationId === upload.id)
      equal((await upload.wait()).fingerprint, sent.fingerprint)
      const made = await download.wait()
      equal(made.fingerprint, fetched.fingerprint)
      equal(made.public, true)
      equal(
        Object.keys(made.properties).some((key) => key.startsWith('hyperkit')),
        false,
        'the mark by which it was found is taken off',
      )
      await removal.wait()
      equal(await client.images.find(removed.fingerprint), undefined)
    },
  },
  {
    name: 'T18: a failed operation that the server has already forgotten is never a success, and the error says what to check',
    topic,
    async run({ client, directory }) {
      const file = await makeBrokenImage({ directory, kind: 'not-an-archive' })
      const source = { kind: 'unified', open: () => streamFile(file.path) } as const
      const { fingerprint } = file
      const known = await client.images.upload(source, { fingerprint, sync: false })
      const unknown = await client.images.upload(source, { sync: false })
      await untilForgotten(client, known.id, unknown.id)
      const error = await expectError(known.wait(), 'outcome-unknown')
      ok(error instanceof OutcomeUnknownError && error.verify.includes(fingerprint), error.message)
      await expectError(unknown.wait(), 'outcome-unknown')
    },
  },
  {
    name: 'T11: a cancelled download ends as cancelled, not as failed, and leaves nothing behind',
    topic,
    needs: ['simplestreams'],
    async run(context) {
      const { file, handle } = await holdDownload(context)
      const ended = expectError(handle.wait(), 'operation-cancelled')
      await handle.cancel()
      await ended
      equal(await context.client.images.find(file.fingerprint), undefined)
    },
  },
  {
    name: 'T11: aborting a wait rejects with the abort reason and cancels the download on the server',
    topic,
    needs: ['simplestreams'],
    async run(context) {
      const { client } = context
      const { file, handle } = await holdDownload(context)
      const abort = new AbortController()
      const reason = new Error('no longer wanted')
      const ended = rejects(handle.wait({ signal: abort.signal }), (error) => error === reason)
      abort.abort(reason)
      await ended
      await expectError(client.operations.wait(handle.id ?? ''), 'operation-cancelled', 'outcome-unknown')
      equal(await client.images.find(file.fingerprint), undefined)
    },
  },
  {
    name: 'T28, T54: aborting the wait for a download from a source that hangs ends it soon, though the server cannot cancel it',
    topic,
    needs: ['simplestreams'],
    async run({ client, cleanup, unique }) {
      let asked = (): void => {}
      const reached = new Promise<void>((resolve) => {
        asked = resolve
      })
      const hung = await listenLoopback(() => asked())
      cleanup(() => hung.stop())
      const abort = new AbortController()
      const reason = new Error('no longer wanted')
      // A new URL, because daemons cache what they have read from one for an hour.
      const handle = await client.images.createFromRemote(`${hung.url}/${unique('hung')}`, {
        alias: 'hung',
        protocol: 'simplestreams',
        sync: false,
      })
      const ended = rejects(handle.wait({ signal: abort.signal }), (error) => error === reason)
      await Promise.race([reached, ended])
      abort.abort(reason)
      await ended
      ok(['running', 'cancelling'].includes((await client.operations.get(handle.id ?? '')).state))
      // LXD 6 accepts the request, and answers it only when the source continues; others refuse it.
      const error = await expectError(handle.cancel(), 'bad-request')
      ok(error.message.includes(handle.id ?? ''), error.message)
    },
  },
]

/** The same transport, which limits each wait on the server to one second. */
function shortenWaits(transport: Transport, requests: string[]): Transport {
  const { origin, name } = transport
  return {
    origin,
    name,
    fetch(input: Request | string, init?: Partial<TransportInit>) {
      const url = typeof input === 'string' ? input : input.url
      if (!url.includes('/wait')) return transport.fetch(input, init)
      requests.push(url)
      const signal = typeof input === 'string' ? init?.signal : input.signal
      return transport.fetch(url.replace('timeout=30', 'timeout=1'), {
        method: 'GET',
        headers: new Headers(),
        redirect: 'error',
        ...(signal ? { signal } : {}),
      })
    },
  }
}

async function untilForgotten(client: Client, ...ids: (string | undefined)[]): Promise<void> {
  for (const id of ids) while (await isKnown(client, id ?? '')) await delay(100)
}

function isKnown(client: Client, id: string): Promise<boolean> {
  return client.operations.get(id).then(
    () => true,
    (error: unknown) => {
      if (isHyperkitError(error, 'not-found')) return false
      // LXD 5.0.2 answers this while it forgets the operation.
      if (isHyperkitError(error, 'unavailable')) return true
      throw error
    },
  )
}
