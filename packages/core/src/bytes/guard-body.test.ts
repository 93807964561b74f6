import { describe, expect, test } from 'vitest'
import { guardBody } from './guard-body.ts'

const failed = (error: unknown): Error => new Error(`Cannot export: ${(error as Error).message}`)

describe.each([
  ['a byte stream', bytesOf],
  ['a stream of chunks', plainOf],
])('guardBody over %s', (_, make) => {
  test('a guarded body has the same bytes and the same end', async () => {
    const guarded = guardBody(make([1, 2, 3], [4]), { length: 4, failed })
    expect(await readAll(guarded)).toEqual([1, 2, 3, 4])
  })

  test('a body that is shorter than announced fails', async () => {
    const guarded = guardBody(make([1, 2, 3]), { length: 4, failed })
    await expect(readAll(guarded)).rejects.toThrow('Cannot export: it ended after 3 of 4 bytes')
  })

  test('a body that is longer than announced fails at the first byte too many', async () => {
    const guarded = guardBody(make([1, 2, 3], [4, 5], new Error('read on')), { length: 4, failed })
    await expect(readAll(guarded)).rejects.toThrow('Cannot export: it has more than the announced 4 bytes')
  })

  test('a body that is longer than allowed fails with the error for that', async () => {
    const most = { bytes: 4, exceeded: () => new Error('too long') }
    const guarded = guardBody(make([1, 2, 3], [4, 5], new Error('read on')), {
      length: undefined,
      most,
      failed: (error) => error as Error,
    })
    await expect(readAll(guarded)).rejects.toThrow('too long')
  })

  test('a failure of the body becomes the error that the caller makes of it', async () => {
    const guarded = guardBody(make([1], new Error('broken off')), { length: 4, failed })
    await expect(readAll(guarded)).rejects.toThrow('Cannot export: broken off')
  })

  test('a failure after an abort becomes the reason of the signal', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    const guarded = guardBody(make(new Error('broken off')), { length: 4, failed, signal })
    await expect(readAll(guarded)).rejects.toThrow('enough')
  })

  test('cancelling a guarded body cancels the body below it', async () => {
    const cancelled: unknown[] = []
    const guarded = guardBody(
      make([1], (reason) => cancelled.push(reason)),
      { length: 4, failed },
    )
    const reader = guarded.getReader()
    await reader.read()
    await reader.cancel('enough')
    expect(cancelled).toEqual(['enough'])
  })
})

describe('guardBody over a byte stream, read with a buffer of the reader', () => {
  test('a guarded byte stream fills the buffer of its reader, even one smaller than the next chunk', async () => {
    const reader = guardBody(bytesOf([1, 2, 3], [4]), { length: 4, failed }).getReader({ mode: 'byob' })
    const found: number[] = []
    let buffer = new ArrayBuffer(2)
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(buffer))
      expect(value?.buffer.byteLength).toBe(2)
      buffer = value?.buffer as ArrayBuffer
      if (done) break
      found.push(...(value ?? []))
    }
    expect(found).toEqual([1, 2, 3, 4])
  })

  test('a guarded byte stream that ends early or breaks fails', async () => {
    const short = guardBody(bytesOf([1]), { length: 4, failed }).getReader({ mode: 'byob' })
    await short.read(new Uint8Array(8))
    await expect(short.read(new Uint8Array(8))).rejects.toThrow('Cannot export: it ended after 1 of 4 bytes')
    const broken = guardBody(bytesOf([1], new Error('broken off')), { length: 4, failed })
    const reader = broken.getReader({ mode: 'byob' })
    await reader.read(new Uint8Array(8))
    await expect(reader.read(new Uint8Array(8))).rejects.toThrow('Cannot export: broken off')
  })

  test('a guarded byte stream can be read with and without a buffer in turn', async () => {
    const guarded = guardBody(bytesOf([1, 2], [3], [4]), { length: 4, failed })
    const first = guarded.getReader({ mode: 'byob' })
    const { value } = await first.read(new Uint8Array(8))
    first.releaseLock()
    expect([...(value ?? []), ...(await readAll(guarded))]).toEqual([1, 2, 3, 4])
  })
})

type Step = number[] | Error | ((reason: unknown) => void)

function bytesOf(...steps: Step[]): ReadableStream<Uint8Array> {
  return new ReadableStream({ type: 'bytes', ...sourceOf(steps) } as UnderlyingByteSource)
}

function plainOf(...steps: Step[]): ReadableStream<Uint8Array> {
  return new ReadableStream(sourceOf(steps) as UnderlyingSource<Uint8Array>, { highWaterMark: 0 })
}

function sourceOf(steps: Step[]): object {
  const left = steps.filter((step) => typeof step !== 'function')
  return {
    pull(controller: ReadableByteStreamController) {
      const step = left.shift()
      if (step instanceof Error) controller.error(step)
      else if (step) controller.enqueue(new Uint8Array(step))
      else {
        controller.close()
        controller.byobRequest?.respond(0)
      }
    },
    cancel(reason: unknown) {
      for (const step of steps) if (typeof step === 'function') step(reason)
    },
  }
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<number[]> {
  const reader = stream.getReader()
  const found: number[] = []
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return found
    found.push(...value)
  }
}
