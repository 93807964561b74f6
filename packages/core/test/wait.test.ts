import { describe, expect, test } from 'vitest'
import { createClient, isHyperkitError, OperationError } from '../src/index.ts'
import { failure, operation, type Said, scriptedTransport, sync } from './scripted-transport.ts'

const id = '11111111-2222-3333-4444-555555555555'

function clientThat(wait: (said: Said, count: number) => Response | Promise<Response>, get?: () => Response) {
  const transport = scriptedTransport((said, count) =>
    said.path.includes('/wait') ? wait(said, count) : (get ?? (() => failure(404, 'Operation not found')))(),
  )
  return { client: createClient({ transport }), said: transport.said }
}

describe('waiting for an operation', () => {
  test('an answer with a finished operation ends the waiting', async () => {
    const { client } = clientThat(() => sync(operation('Success', 200, { metadata: { fingerprint: 'f' } })))
    expect((await client.operations.wait(id)).metadata).toEqual({ fingerprint: 'f' })
  })

  test('an answer with a failed operation is a failure with the server’s words', async () => {
    const { client } = clientThat(() => sync(operation('Failure', 400, { err: 'Unsupported compression' })))
    await expect(client.operations.wait(id)).rejects.toThrow(/Unsupported compression/)
  })

  test('an error envelope with HTTP 200 for a failed operation is a failure that keeps the metadata', async () => {
    const { client } = clientThat(
      () => failure(500, 'boom', 200),
      () => sync(operation('Failure', 400, { err: 'boom', metadata: { fingerprint: 'f' } })),
    )
    const error = await client.operations.wait(id).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(OperationError)
    expect((error as OperationError).operation.metadata).toEqual({ fingerprint: 'f' })
  })

  test('waiting continues after an error envelope with HTTP 200 for a wait that timed out', async () => {
    let waits = 0
    const { client } = clientThat(
      () => (++waits < 3 ? failure(500, 'context deadline exceeded', 200) : sync(operation('Success', 200))),
      () => sync(operation('Running', 103)),
    )
    expect((await client.operations.wait(id)).state).toBe('success')
    expect(waits).toBe(3)
  })

  test('waiting continues after a wait that timed out with a running operation', async () => {
    let waits = 0
    const { client } = clientThat(
      () => (++waits < 3 ? sync(operation('Running', 103)) : sync(operation('Success', 200))),
      () => sync(operation('Running', 103)),
    )
    expect((await client.operations.wait(id)).state).toBe('success')
    expect(waits).toBe(3)
  })

  test('a cancelled operation is neither failed nor not authorized, in both of its forms', async () => {
    const shapes = [operation('Cancelled', 401), operation('Failure', 400, { err: 'context canceled' })]
    for (const shape of shapes) {
      const { client } = clientThat(() => sync(shape))
      const error = await client.operations.wait(id).catch((reason: unknown) => reason)
      expect(isHyperkitError(error, 'operation-cancelled')).toBe(true)
    }
  })

  test('an operation that the server forgot has an unknown outcome', async () => {
    const { client } = clientThat(() => failure(404, 'Operation not found'))
    const error = await client.operations.wait(id).catch((reason: unknown) => reason)
    expect(isHyperkitError(error, 'outcome-unknown')).toBe(true)
  })

  test('the operation is read again after the connection closes during a wait', async () => {
    let waits = 0
    const { client } = clientThat(() => {
      if (++waits === 1) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
      return sync(operation('Success', 200))
    })
    expect((await client.operations.wait(id)).state).toBe('success')
  })

  test('a server that is unreachable for longer than the patience leaves an unknown outcome', async () => {
    const { client } = clientThat(() => {
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    })
    const error = await client.operations.wait(id, { patience: 1 }).catch((reason: unknown) => reason)
    expect(isHyperkitError(error, 'outcome-unknown')).toBe(true)
  })

  test('an abort rejects with the signal’s own reason and cancels the operation', async () => {
    const abort = new AbortController()
    const reason = new Error('enough')
    const transport = scriptedTransport((said) => {
      if (said.method === 'DELETE') return sync({})
      abort.abort(reason)
      return sync(operation('Running', 103, { may_cancel: true }))
    })
    const client = createClient({ transport })
    await expect(client.operations.wait(id, { signal: abort.signal })).rejects.toBe(reason)
    expect(transport.said.map(({ method }) => method)).toContain('DELETE')
  })

  test('a wait that reaches its timeout fails while the operation goes on', async () => {
    const { client, said } = clientThat(
      () => sync(operation('Running', 103)),
      () => sync(operation('Running', 103)),
    )
    const error = await client.operations.wait(id, { timeout: 20 }).catch((reason: unknown) => reason)
    expect(isHyperkitError(error, 'timeout')).toBe(true)
    expect(said.some(({ method }) => method === 'DELETE')).toBe(false)
  })

  test('progress is reported as numbers, once for each change', async () => {
    const texts = ['rootfs: 45% (3.20MB/s)', 'rootfs: 45% (3.20MB/s)', 'rootfs: 999% (1.00GB/s)']
    let waits = 0
    const seen: unknown[] = []
    const { client } = clientThat(
      () => (waits < 3 ? sync(operation('Running', 103)) : sync(operation('Success', 200))),
      () => sync(operation('Running', 103, { metadata: { download_progress: texts[waits++] } })),
    )
    await client.operations.wait(id, { onProgress: (progress) => seen.push(progress) })
    expect(seen).toEqual([
      { stage: 'rootfs', percent: 45, bytesPerSecond: 3_200_000 },
      { stage: 'rootfs', percent: 100, bytesPerSecond: 1_000_000_000 },
    ])
  })
})
