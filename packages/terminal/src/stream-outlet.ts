import type { Writable } from 'node:stream'
import { isReaderGone, type Outlet } from './outlet.ts'

/** A stream such as `process.stdout`. */
export interface Terminal extends Writable {
  isTTY?: boolean
  columns?: number
  rows?: number
}

/**
 * An outlet for a stream such as `process.stdout`.
 *
 * @example
 * ```ts
 * const outlet = streamOutlet(process.stdout)
 * await outlet.write('a line\n')
 * ```
 */
export function streamOutlet(stream: Terminal): Outlet {
  let failure: Error | undefined
  const note = (error: unknown): void => {
    if (!isReaderGone(error)) failure ??= error as Error
  }
  stream.on('error', note)
  return {
    isTerminal: stream.isTTY === true,
    size: () => ({ columns: stream.columns, rows: stream.rows }),
    write(text) {
      if (text === '' || stream.destroyed || stream.writableEnded) return Promise.resolve()
      return new Promise((resolve) => {
        try {
          stream.write(text, () => resolve())
        } catch (error) {
          // Streams of files write at once.
          note(error)
          resolve()
        }
      })
    },
    get failure() {
      return failure
    },
  }
}
