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
  stream.on('error', (error) => {
    if (!isReaderGone(error)) throw error
  })
  return {
    isTerminal: stream.isTTY === true,
    size: () => ({ columns: stream.columns, rows: stream.rows }),
    write(text) {
      if (text === '' || stream.destroyed || stream.writableEnded) return Promise.resolve()
      return new Promise((resolve) => stream.write(text, () => resolve()))
    },
  }
}
