import { expect, test } from 'vitest'
import { detach } from './detach.ts'
import { passBytes } from './pass-bytes.ts'
import { isTransferable, markTransferable } from './transferable.ts'

const bodyOf = (bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(bytes)
      controller.close()
    },
  })
const passed = (body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> =>
  passBytes(body, { take() {}, end() {} })

test('passBytes keeps a transferable body transferable and makes no other one so', () => {
  expect(isTransferable(passed(markTransferable(bodyOf(new Uint8Array(8)))))).toBe(true)
  expect(isTransferable(passed(bodyOf(new Uint8Array(8))))).toBe(false)
})

test('a body with a second reader is not transferable', () => {
  const response = new Response(bodyOf(new Uint8Array(8)))
  if (response.body) markTransferable(response.body)
  const bodies = [response.clone().body, ...passed(bodyOf(new Uint8Array(8))).tee()]
  expect(bodies.map((body) => body !== null && isTransferable(body))).toEqual([false, false, false])
})

test('detach frees the memory of bytes that have a buffer of their own, and of no others', () => {
  const whole = new Uint8Array(8)
  const part = new Uint8Array(new ArrayBuffer(16), 0, 8)
  detach(whole)
  detach(part)
  const canFree = 'transfer' in ArrayBuffer.prototype
  expect([whole.byteLength, part.byteLength]).toEqual([canFree ? 0 : 8, 8])
})
