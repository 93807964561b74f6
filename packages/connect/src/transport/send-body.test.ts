import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { sendBody } from './send-body.ts'

const mebibyte = 1024 * 1024

test('a byte stream arrives unchanged through few buffers, even if the server reads slowly', async () => {
  const arrived = createHash('sha256')
  const server = createServer(async (message: IncomingMessage, answer) => {
    for await (const piece of message) {
      arrived.update(piece as Uint8Array)
      await new Promise((resolve) => setImmediate(resolve))
    }
    answer.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const sent = createHash('sha256')
    const buffers: Uint8Array[] = []
    let left = 24 * mebibyte
    const body = new ReadableStream({
      type: 'bytes',
      pull(controller) {
        if (left === 0) {
          controller.close()
          controller.byobRequest?.respond(0)
          return
        }
        const view = controller.byobRequest?.view
        const target = new Uint8Array((view?.buffer ?? new ArrayBuffer(0)) as ArrayBuffer)
        // New memory is zero, and the bytes that are sent never are.
        if (target[0] === 0) buffers.push(target)
        // The sizes differ, so that some pieces can be written without waiting.
        const piece = target.subarray(0, Math.min(left, left % 3 === 0 ? 1000 : target.byteLength))
        for (let at = 0; at < piece.byteLength; at++) piece[at] = ((left + at) % 255) + 1
        sent.update(piece)
        left -= piece.byteLength
        controller.byobRequest?.respond(piece.byteLength)
      },
    }) as ReadableStream<Uint8Array>
    await new Promise<void>((resolve, reject) => {
      const { port } = server.address() as AddressInfo
      const outgoing = request({ host: '127.0.0.1', port, method: 'POST' }, (answer) => {
        answer.resume().on('end', resolve)
      })
      outgoing.on('error', reject)
      sendBody(outgoing, body, reject)
    })
    expect(arrived.digest('hex')).toBe(sent.digest('hex'))
    expect(buffers.length).toBeLessThan(20)
  } finally {
    server.close()
  }
})
