import { expect, test } from 'vitest'
import { countBytes } from './count-bytes.ts'

test('a byte stream fills the buffer of its reader, and every byte is counted', async () => {
  const counts: number[] = []
  const counted = countBytes(bytesOf([1, 2, 3], [4]), {
    size: 4,
    onBytes: (count) => counts.push(count),
    what: 'image',
  })
  const reader = counted.getReader({ mode: 'byob' })
  const { value } = await reader.read(new Uint8Array(16))
  expect(value?.buffer.byteLength).toBe(16)
  expect([...(value ?? [])]).toEqual([1, 2, 3])
  await reader.read(new Uint8Array(16))
  expect(counts).toEqual([3, 1])
  expect((await reader.read(new Uint8Array(16))).done).toBe(true)
})

test.each(['byob', undefined] as const)(
  'a stream with more or fewer bytes than its size fails (reader mode %s)',
  async (mode) => {
    const read = async (size: number): Promise<void> => {
      const counted = countBytes(bytesOf([1, 2, 3], [4]), { size, what: 'image' })
      if (mode === undefined) {
        for (const reader = counted.getReader(); !(await reader.read()).done; );
      } else {
        const reader = counted.getReader({ mode })
        while (!(await reader.read(new Uint8Array(16))).done);
      }
    }
    await read(4)
    await expect(read(3)).rejects.toThrow('Cannot send image: its size was given as 3 bytes, but it has more')
    await expect(read(5)).rejects.toThrow(
      'Cannot send image: its size was given as 5 bytes, but it has only 4',
    )
  },
)

function bytesOf(...pieces: number[][]): ReadableStream<Uint8Array> {
  const left = [...pieces]
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      const piece = left.shift()
      if (piece) controller.enqueue(new Uint8Array(piece))
      else {
        controller.close()
        controller.byobRequest?.respond(0)
      }
    },
  }) as ReadableStream<Uint8Array>
}
