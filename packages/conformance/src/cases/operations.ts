import { deepEqual, equal, match, ok } from 'node:assert/strict'
import {
  createClient,
  isHyperkitError,
  OperationError,
  OutcomeUnknownError,
  type Progress,
  supports,
} from '@hyperkit/core'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { holdDownload } from '../harness/hold-download.ts'

const topic = 'operations'
const absent = '01234567-89ab-4cde-8f01-23456789abcd'

export const cases: ConformanceCase[] = [
  {
    name: 'an operation can be listed, read by id and by URL, and waited for',
    topic,
    async run(context) {
      const { client } = context
      const { file, handle, source } = await holdDownload(context)
      const id = handle.id ?? ''
      const listed = (await client.operations.list()).find((operation) => operation.id === id)
      deepEqual([listed?.state, listed?.class, listed?.error], ['running', 'task', ''])
      const read = await client.operations.get(id)
      equal(read.id, id)
      equal((await client.operations.get(`/1.0/operations/${id}?project=default`)).id, id)
      ok(read.createdAt)
      source.release()
      const ended = await client.operations.wait(id)
      deepEqual([ended.state, ended.metadata.fingerprint], ['success', file.fingerprint])
      await handle.wait()
    },
  },
  {
    name: 'waiting for an operation that has ended returns at once',
    topic,
    async run({ client, imageFile }) {
      const file = await imageFile()
      const handle = await client.images.upload(file.source, { sync: false })
      for (let turn = 0; turn < 2; turn++) {
        equal((await client.operations.wait(handle.id ?? '')).metadata.fingerprint, file.fingerprint)
      }
    },
  },
  {
    name: 'waiting for an operation that fails rejects with the server’s words',
    topic,
    async run({ client, imageFile }) {
      const file = await imageFile({ creationDate: null })
      const handle = await client.images.upload(file.source, { sync: false })
      const error = await expectError(client.operations.wait(handle.id ?? ''), 'operation-failed')
      ok(error instanceof OperationError)
      deepEqual([error.operation.state, error.operation.error], ['failure', 'Missing creation date'])
      await expectError(handle.wait(), 'operation-failed')
    },
  },
  {
    name: 'waiting with a time limit ends with a timeout, and the operation keeps running',
    topic,
    async run(context) {
      const { client } = context
      const { file, handle, source } = await holdDownload(context)
      const error = await expectError(client.operations.wait(handle.id ?? '', { timeout: 300 }), 'timeout')
      match(error.message, /within 300 ms: it is still running/)
      equal((await client.operations.get(handle.id ?? '')).state, 'running')
      source.release()
      equal((await handle.wait()).fingerprint, file.fingerprint)
    },
  },
  {
    name: 'cancelling a download makes its wait fail as cancelled, and leaves nothing behind',
    topic,
    async run(context) {
      const { client } = context
      const { file, handle } = await holdDownload(context)
      const waiting = expectError(handle.wait(), 'operation-cancelled')
      await handle.cancel()
      await waiting
      await expectError(client.operations.wait(handle.id ?? ''), 'operation-cancelled')
      equal(await client.images.find(file.fingerprint), undefined)
    },
  },
  {
    name: 'an operation that has ended cannot be cancelled',
    topic,
    async run({ client, imageFile }) {
      const file = await imageFile()
      const handle = await client.images.upload(file.source, { sync: false })
      await handle.wait()
      await expectError(client.operations.cancel(handle.id ?? ''), 'bad-request')
      ok(await client.images.find(file.fingerprint))
    },
  },
  {
    name: 'an unknown operation is not found, and the client does not guess how it ended',
    topic,
    async run({ client }) {
      await expectError(client.operations.get(absent), 'not-found')
      await expectError(client.operations.cancel(absent), 'not-found')
      const error = await expectError(client.operations.wait(absent), 'outcome-unknown')
      ok(error instanceof OutcomeUnknownError)
      equal(error.operationId, absent)
    },
  },
  {
    name: 'the progress of a download is reported in numbers and ends with the operation',
    topic,
    async run(context) {
      // Progress must be requested when the work begins: LXD 6.8 and newer send it only in events, once (T56).
      const told: Progress[] = []
      const onProgress = (progress: Progress): void => void told.push(progress)
      const { file, handle, source } = await holdDownload(context, { onProgress })
      const seen: Progress[] = []
      for await (const progress of handle.progress) {
        seen.push(progress)
        source.release()
      }
      const [first] = seen
      ok(first, 'no progress was told')
      ok((first.percent ?? -1) > 0 && (first.percent ?? 101) < 100, JSON.stringify(first))
      equal((await handle.wait()).fingerprint, file.fingerprint)
      deepEqual(told, seen)
      const percents = seen.map(({ percent = 0 }) => percent)
      deepEqual(
        percents,
        [...percents].sort((a, b) => a - b),
      )
    },
  },
  {
    name: 'T55: an upload that is being stored cannot be cancelled, or its error says that the image is there anyway',
    topic,
    async run({ client, imageFile }) {
      const file = await imageFile({ size: 4_000_000 })
      const { fingerprint } = file
      const handle = await client.images.upload(file.source, { fingerprint, sync: false })
      const cancel = await handle.cancel().then(
        () => undefined,
        (error: unknown) => error,
      )
      if (cancel !== undefined) {
        ok(isHyperkitError(cancel, 'bad-request'), String(cancel))
        equal((await handle.wait()).fingerprint, fingerprint)
        return
      }
      const error = await expectError(handle.wait(), 'operation-cancelled')
      const there = (await client.images.find(fingerprint)) !== undefined
      equal(error.message.includes(`image ${fingerprint} is there; delete it`), there, error.message)
    },
  },
  {
    name: 'an unused secret is an operation, and cancelling the operation invalidates the secret',
    topic,
    async run({ client, uploaded }) {
      const { fingerprint } = await uploaded()
      const { operation, secret } = await client.images.createSecret(fingerprint)
      const listed = (await client.operations.list()).find(({ id }) => id === operation.id)
      deepEqual([listed?.class, listed?.metadata.secret, listed?.mayCancel], ['token', secret, true])
      await operation.cancel()
      await expectError(client.operations.wait(operation.id ?? ''), 'operation-cancelled')
    },
  },
  {
    name: 'the operations of all projects are listed, or the client reports that the server cannot list them',
    topic,
    async run({ client, imageFile, makeProject }) {
      const project = await makeProject()
      const file = await imageFile()
      const handle = await client.images.upload(file.source, { project, sync: false })
      const server = await client.server()
      const list = client.operations.list({ allProjects: true })
      if (supports(server, 'operations_get_query_all_projects'))
        ok((await list).some(({ id }) => id === handle.id))
      else await expectError(list, 'unsupported')
      const own = await client.project(project).operations.list()
      ok(own.some(({ id }) => id === handle.id))
      await handle.wait()
    },
  },
  {
    name: 'a client that does not wait returns running operations',
    topic,
    async run({ transport, imageFile }) {
      const client = createClient({ transport: await transport(), autoSync: false })
      const file = await imageFile()
      const handle = await client.images.upload(file.source, { fingerprint: file.fingerprint })
      ok(handle.id)
      equal((await handle.wait()).fingerprint, file.fingerprint)
    },
  },
]
