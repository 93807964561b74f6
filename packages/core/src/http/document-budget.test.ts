import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { receiveDocument } from './document-budget.ts'

const mebibyte = 1024 * 1024
const piece = new Uint8Array(mebibyte).fill(120)

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a document keeps its bytes, whatever pieces they come in', async () => {
  const text = 'ä–🙂'.repeat(50_000)
  const bytes = new TextEncoder().encode(text)
  for (const size of [1, 3, 4_096, 70_000, bytes.byteLength]) {
    const document = receiveDocument()
    for (let at = 0; at < bytes.byteLength; at += size)
      await document.add(bytes.subarray(at, at + size), undefined)
    expect(document.size).toBe(bytes.byteLength)
    expect(document.takeText() === text).toBe(true)
  }
})

/** Adds as many pieces as go without waiting, up to 60. */
function fill(document: ReturnType<typeof receiveDocument>): { grown: () => number; ended: Promise<void> } {
  let grown = 0
  const ended = (async () => {
    while (grown < 60) {
      await document.add(piece, undefined)
      grown++
    }
  })()
  return { grown: () => grown, ended }
}

test('long documents that come at once are received one after the other, and short ones at any time', async () => {
  const documents = Array.from({ length: 8 }, () => receiveDocument())
  const fills = documents.map(fill)
  await vi.advanceTimersByTimeAsync(0)
  expect(fills[0]?.grown()).toBe(60)
  // Those that wait have little together.
  const others = fills.slice(1).reduce((sum, { grown }) => sum + grown(), 0)
  expect(others).toBeLessThanOrEqual(4 + 7)
  const short = receiveDocument()
  await short.add(piece, undefined)
  expect(short.takeText()).toHaveLength(mebibyte)
  for (const [number, document] of documents.entries()) {
    await vi.advanceTimersByTimeAsync(0)
    expect(fills[number]?.grown()).toBe(60)
    document.release()
  }
  await Promise.all(fills.map(({ ended }) => ended))
})

test('a long document that makes no progress stops another one for ten seconds only, and an abort ends the wait', async () => {
  const [slow, other, aborted] = [receiveDocument(), receiveDocument(), receiveDocument()]
  for (let size = 0; size < 20; size++) await slow.add(piece, undefined)
  const filled = fill(other)
  await vi.advanceTimersByTimeAsync(0)
  expect(filled.grown()).toBe(4)
  const controller = new AbortController()
  const waits = (async () => {
    for (;;) await aborted.add(piece, controller.signal)
  })()
  controller.abort(new Error('enough'))
  await expect(waits).rejects.toThrow('enough')
  await vi.advanceTimersByTimeAsync(10_000)
  await filled.ended
  other.release()
  slow.release()
})
