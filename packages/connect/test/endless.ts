import type { ServerResponse } from 'node:http'

/** A source that never ends, and reports when it is cancelled. */
export function endless(): {
  stream: ReadableStream<Uint8Array>
  cancelled: Promise<unknown>
  pulled(): number
} {
  let pulled = 0
  let told: (reason: unknown) => void
  const cancelled = new Promise((resolve) => {
    told = resolve
  })
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await new Promise((resolve) => setImmediate(resolve))
        pulled++
        controller.enqueue(new Uint8Array(65_536).fill(7))
      },
      cancel: (reason) => told(reason),
    },
    { highWaterMark: 0 },
  )
  return { stream, cancelled, pulled: () => pulled }
}

/** Resolves when a number has grown and stopped growing. If it never stops, the test's timeout ends it. */
export async function still(count: () => number): Promise<void> {
  let before = -1
  while (count() !== before || before <= 0) {
    before = count()
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** Waits until a response accepts more, or is closed. */
export function room(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.on('drain', done).on('close', done)
  })
}
