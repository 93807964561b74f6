import { type FileHandle, open } from 'node:fs/promises'

const chunkSize = 256 * 1024

/** The bytes of a file from `start` to `end` (exclusive). The file is opened at once, so that removing it later does not break the stream. */
export function readFileStream(file: string, start: number, end: number): ReadableStream<Uint8Array> {
  let handle: FileHandle | undefined
  let position = start
  return new ReadableStream<Uint8Array>(
    {
      async start() {
        handle = await open(file, 'r')
      },
      async pull(controller) {
        const buffer = new Uint8Array(Math.min(chunkSize, end - position))
        const bytesRead = (await handle?.read(buffer, 0, buffer.byteLength, position))?.bytesRead ?? 0
        position += bytesRead
        if (bytesRead > 0) controller.enqueue(buffer.subarray(0, bytesRead))
        if (bytesRead > 0 && position < end) return
        await handle?.close()
        controller.close()
      },
      async cancel() {
        await handle?.close()
      },
    },
    { highWaterMark: 0 },
  )
}
