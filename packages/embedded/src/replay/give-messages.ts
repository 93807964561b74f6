import type { MessageLine, MessageStream } from '@hyperkit/core/parts'
import { revive } from './give-answer.ts'
import { fillInJson, type HiddenValues } from './hidden-values.ts'

/** The progress of the replay: a message waits for the requests that were made before it. */
export interface Pace {
  begun(): number
  /** Resolves at the next request. */
  next(): Promise<void>
}

/** Yields the recorded messages, each after as many requests as in the recording. */
export function giveMessages(
  lines: readonly MessageLine[],
  values: () => HiddenValues,
  pace: Pace,
  signal: AbortSignal | undefined,
): MessageStream {
  let close: () => void = () => undefined
  const closed = new Promise<'closed'>((resolve) => {
    close = () => resolve('closed')
  })
  const abort = (): void => close()
  signal?.addEventListener('abort', abort, { once: true })
  return {
    close,
    async *[Symbol.asyncIterator]() {
      try {
        for (const line of lines) {
          if ('end' in line) {
            if (line.end === 'by the server') return
            if (typeof line.end !== 'string') throw revive(line.end)
            break
          }
          while (pace.begun() < line.after) {
            if ((await Promise.race([closed, pace.next()])) === 'closed') return
          }
          const message = fillInJson(line.message, values())
          yield typeof message === 'string' ? message : JSON.stringify(message)
        }
        // In the recording the reader left here; this reader may stay.
        await closed
        signal?.throwIfAborted()
      } finally {
        signal?.removeEventListener('abort', abort)
      }
    },
  }
}
