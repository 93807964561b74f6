import { equal, ok, rejects } from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { type Client, isHyperkitError, OperationError, OutcomeUnknownError } from '@hyperkit/core'
import { makeBrokenImage } from '../fixtures/make-broken-image.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { streamFile } from '../harness/read-bytes.ts'
import { listenLoopback } from '../servers/listen-loopback.ts'

const topic = 'traps: waiting'

export const cases: ConformanceCase[] = [
  {
    name: 'T2: a failed operation is a failure in the server’s own words, whichever way the server tells of it',
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
    name: 'T2: a wait that ends before the operation does is neither a failure nor a success: waiting goes on',
    topic,
    needs: ['url-source'],
    async run({ watch, imageFile, urlSource }) {
      const file = await imageFile({ size: 400_000 })
      const source = await urlSource({ image: file, holdAfter: 100_000 })
      const { client, requests } = await watch()
      // Whoever wants progress asks each second, so two waits run out while the download stands still.
      const handle = await client.images.createFromUrl(source.pageUrl, { sync: false, onProgress: () => {} })
      await source.held
      const ended = handle.wait()
      while (requests.filter(({ path }) => path.includes('/wait')).length < 3) await delay(20)
      equal((await client.operations.get(handle.id ?? '')).state, 'running')
      source.release()
      equal((await ended).fingerprint, file.fingerprint)
    },
  },
  {
    name: 'T18: work whose end nobody waited for in time is judged by its effect',
    topic,
    needs: ['url-source'],
    async run({ client, imageFile, uploaded, urlSource }) {
      const [sent, fetched, removed] = [await imageFile(), await imageFile(), await uploaded()]
      const { pageUrl } = await urlSource({ image: fetched })
      const upload = await client.images.upload(sent.source, { fingerprint: sent.fingerprint, sync: false })
      const download = await client.images.createFromUrl(pageUrl, { sync: false, public: true })
      const removal = await client.images.delete(removed.fingerprint, { sync: false })
      await untilForgotten(client, upload.id, download.id, removal.id)
      const bare = await expectError(client.operations.wait(upload.id ?? ''), 'outcome-unknown')
      ok(bare instanceof OutcomeUnknownError && bare.operationId === upload.id)
      equal((await upload.wait()).fingerprint, sent.fingerprint)
      const image = await download.wait()
      equal(image.fingerprint, fetched.fingerprint)
      equal(image.public, true)
      equal(
        Object.keys(image.properties).some((key) => key.startsWith('hyperkit')),
        false,
        'the mark by which it was found is taken off',
      )
      await removal.wait()
      equal(await client.images.find(removed.fingerprint), undefined)
    },
  },
  {
    name: 'T18: a failure that nobody waited for in time is never a success, and the error names what to look at',
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
    name: 'T11: a cancelled download ends as cancelled, not as failed, and leaves nothing',
    topic,
    needs: ['url-source'],
    async run({ client, imageFile, urlSource }) {
      const file = await imageFile({ size: 400_000 })
      const source = await urlSource({ image: file, holdAfter: 100_000 })
      const handle = await client.images.createFromUrl(source.pageUrl, { sync: false })
      const ended = expectError(handle.wait(), 'operation-cancelled')
      await source.held
      await untilCancellable(client, handle.id)
      await handle.cancel()
      await ended
      equal(await client.images.find(file.fingerprint), undefined)
    },
  },
  {
    name: 'T11: an abort while waiting gives the abort’s own reason and cancels the download on the server',
    topic,
    needs: ['url-source'],
    async run({ client, imageFile, urlSource }) {
      const file = await imageFile({ size: 400_000 })
      const source = await urlSource({ image: file, holdAfter: 100_000 })
      const abort = new AbortController()
      const reason = new Error('no longer wanted')
      const handle = await client.images.createFromUrl(source.pageUrl, { sync: false })
      const ended = rejects(handle.wait({ signal: abort.signal }), (error) => error === reason)
      await source.held
      await untilCancellable(client, handle.id)
      abort.abort(reason)
      await ended
      await expectError(client.operations.wait(handle.id ?? ''), 'operation-cancelled', 'outcome-unknown')
      equal(await client.images.find(file.fingerprint), undefined)
    },
  },
  {
    name: 'T28: waiting for a download from a source that hangs ends at once when aborted, though nothing can cancel it',
    topic,
    needs: ['url-source'],
    async run({ client, cleanup }) {
      let asked = (): void => {}
      const reached = new Promise<void>((resolve) => {
        asked = resolve
      })
      const hung = await listenLoopback(() => asked())
      cleanup(() => hung.stop())
      const abort = new AbortController()
      const reason = new Error('no longer wanted')
      const handle = await client.images.createFromUrl(`${hung.url}/image`, { sync: false })
      const ended = rejects(handle.wait({ signal: abort.signal }), (error) => error === reason)
      await reached
      equal((await client.operations.get(handle.id ?? '')).mayCancel, false)
      abort.abort(reason)
      await ended
      equal((await client.operations.get(handle.id ?? '')).state, 'running')
      await expectError(handle.cancel(), 'bad-request')
    },
  },
]

async function untilForgotten(client: Client, ...ids: (string | undefined)[]): Promise<void> {
  for (const id of ids) while (await isKnown(client, id ?? '')) await delay(100)
}

function isKnown(client: Client, id: string): Promise<boolean> {
  return client.operations.get(id).then(
    () => true,
    (error: unknown) => {
      if (isHyperkitError(error, 'not-found')) return false
      // LXD 5.0.2 answers so while it forgets.
      if (isHyperkitError(error, 'unavailable')) return true
      throw error
    },
  )
}

async function untilCancellable(client: Client, id: string | undefined): Promise<void> {
  while (!(await client.operations.get(id ?? '')).mayCancel) await delay(20)
}
