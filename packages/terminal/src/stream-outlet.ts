import type { Writable } from 'node:stream'
import type { Outlet } from './outlet.ts'

/** A stream such as `process.stdout`. */
export interface Terminal extends Writable {
  isTTY?: boolean
  columns?: number
  rows?: number
}

/** What is written to a stream such as `process.stdout`. */
export function streamOutlet(stream: Terminal): Outlet {
  // A reader that has seen enough (`| head`) is no error.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
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
