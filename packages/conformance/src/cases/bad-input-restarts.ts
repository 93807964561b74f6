import { deepEqual, equal, ok } from 'node:assert/strict'
import { type Client, isHyperkitError, OutcomeUnknownError, type UploadFile } from '@hyperkit/core'
import type { CaseContext } from '../harness/case-context.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { holdDownload } from '../harness/hold-download.ts'
import { readBytes, streamFile } from '../harness/read-bytes.ts'

const topic = 'bad input: restarts'
const signals = ['SIGKILL', 'SIGTERM'] as const

export const cases: ConformanceCase[] = [
  {
    name: 'an upload fails if the daemon is killed while it is sent, and works when repeated',
    topic,
    needs: ['restart'],
    async run(context) {
      const { own, client } = await startOwn(context)
      const file = await context.imageFile({ size: 2_000_000 })
      const { fingerprint } = file
      const half = await holdHalf(file)
      const ended = expectError(
        client.images.upload({ kind: 'unified', open: half.open, filename: file.filename }, { fingerprint }),
        'closed-without-answer',
      )
      await half.held
      await own.restart('SIGKILL')
      const error = await ended
      ok(error.message.includes(file.filename) && error.message.includes('may or may not'), error.message)
      equal(await client.images.find(fingerprint), undefined)
      equal((await client.images.upload(file.source, { fingerprint })).fingerprint, fingerprint)
    },
  },
  {
    name: 'an upload that the daemon is processing when it ends succeeds only if the image is there',
    topic,
    needs: ['restart'],
    async run(context) {
      const { own, client } = await startOwn(context)
      for (const signal of signals) {
        const file = await context.imageFile({ size: 300_000 })
        const { fingerprint } = file
        const handle = await client.images.upload(file.source, { fingerprint, sync: false })
        const ended = truthOf(handle.wait())
        await own.restart(signal)
        // The opposite can happen: the server was shut down after the operation ended and before its image was read.
        if (await ended) ok(await client.images.find(fingerprint))
        equal((await client.images.upload(file.source, { fingerprint })).fingerprint, fingerprint)
        equal(await client.images.hasContent(fingerprint), true)
      }
    },
  },
  {
    name: 'a download that is running when the daemon ends never succeeds, and works when repeated',
    topic,
    needs: ['restart', 'simplestreams'],
    async run(context) {
      const { own, client } = await startOwn(context)
      for (const signal of signals) {
        const { file, alias, source, handle } = await holdDownload(context, { client })
        const ended = expectError(handle.wait(), 'outcome-unknown', 'operation-cancelled')
        await own.restart(signal)
        const error = await ended
        if (error instanceof OutcomeUnknownError) {
          ok(error.message.includes(error.verify) && error.operationId === handle.id, error.message)
        }
        if (signal === 'SIGKILL') equal(error.code, 'outcome-unknown')
        equal(await client.images.find(file.fingerprint), undefined)
        source.release()
        const again = await client.images.createFromRemote(source.url, { alias, protocol: 'simplestreams' })
        equal(again.fingerprint, file.fingerprint)
      }
    },
  },
  {
    name: 'a download by alias that is lost with its daemon fails with a hint where to look, and works when repeated',
    topic,
    needs: ['restart', 'second-server'],
    async run(context) {
      const { source, imageFile, unique } = context
      const { own, client } = await startOwn(context)
      const file = await imageFile({ size: 4_000_000 })
      const alias = unique('lost')
      await source.client.images.upload(file.source, {
        fingerprint: file.fingerprint,
        public: true,
        aliases: [alias],
      })
      const options = { alias, certificate: source.serverCertificate }
      const handle = await client.images.createFromRemote(source.url, { ...options, sync: false })
      const ended = truthOf(handle.wait())
      await own.restart('SIGKILL')
      // The opposite can happen: the image's record is written before the mark by which it is found.
      if (await ended) equal((await client.images.find(file.fingerprint))?.fingerprint, file.fingerprint)
      const image = await client.images.createFromRemote(source.url, options)
      equal(image.fingerprint, file.fingerprint)
      deepEqual(
        Object.keys(image.properties).filter((key) => key.startsWith('hyperkit')),
        [],
      )
    },
  },
  {
    name: 'publishing that is running when the daemon is killed succeeds only if the image is there',
    topic,
    needs: ['restart', 'instance'],
    async run(context) {
      const { own, client } = await startOwn(context)
      const { instance } = await own.instance()
      const before = await client.images.fingerprints()
      const handle = await client.images.createFromInstance(instance, { sync: false })
      const ended = truthOf(handle.wait())
      await own.restart('SIGKILL')
      const done = await ended
      const added = (await client.images.fingerprints()).filter(
        (fingerprint) => !before.includes(fingerprint),
      )
      ok(done ? added.length === 1 : added.length <= 1, `${added.length} images were added`)
      const image = await client.images.createFromInstance(instance)
      equal(await client.images.hasContent(image.fingerprint), true)
    },
  },
]

async function startOwn(
  context: CaseContext,
): Promise<{ own: Awaited<ReturnType<CaseContext['startOwn']>>; client: Client }> {
  const own = await context.startOwn()
  return { own, client: await context.connect({ server: own }) }
}

/** True for a success, false for an error that says "unknown", "cancelled" or "unavailable"; rethrows other errors. */
function truthOf(call: Promise<unknown>): Promise<boolean> {
  const honest = [
    'outcome-unknown',
    'operation-cancelled',
    'unavailable',
    'unreachable',
    'closed-without-answer',
  ]
  const truth = call.then(
    () => true,
    (error: unknown) => {
      if (isHyperkitError(error) && honest.includes(error.code)) return false
      throw error
    },
  )
  // The outcome may be known before the case awaits it.
  truth.catch(() => undefined)
  return truth
}

/**
 * Gives the first half of a file, and then hangs. `held` resolves only when some of it has left
 * the process, so that there is a connection to lose.
 */
async function holdHalf(file: { path: string }): Promise<{ open: UploadFile['open']; held: Promise<void> }> {
  const bytes = await readBytes(streamFile(file.path))
  const step = Math.floor(bytes.length / 8)
  let hold = (): void => {}
  const held = new Promise<void>((resolve) => {
    hold = resolve
  })
  let sent = 0
  const open = (): ReadableStream<Uint8Array> =>
    new ReadableStream(
      {
        pull(controller) {
          if (sent < 4) {
            controller.enqueue(bytes.slice(sent * step, (sent + 1) * step))
            sent += 1
            return
          }
          hold()
          return new Promise(() => {})
        },
      },
      { highWaterMark: 0 },
    )
  return { open, held }
}
