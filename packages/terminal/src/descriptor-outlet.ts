import { fstatSync, writeSync } from 'node:fs'
import process from 'node:process'
import { isReaderGone, type Outlet } from './outlet.ts'

const streams = { 1: 'stdout', 2: 'stderr' } as const

/**
 * An outlet for a file descriptor of the process, without its stream: on Bun, loading that takes twice as long as starting Bun itself.
 * Writing blocks until the reader has taken the text.
 */
export function descriptorOutlet(descriptor: 1 | 2): Outlet {
  const stream = (): NodeJS.WriteStream => process[streams[descriptor]]
  let isClosed = false
  let failure: Error | undefined
  return {
    isTerminal: isCharacterDevice(descriptor) && stream().isTTY === true,
    size: () => ({ columns: stream().columns, rows: stream().rows }),
    async write(text) {
      if (isClosed) return
      try {
        writeAll(descriptor, Buffer.from(text))
      } catch (error) {
        // A full disk may have space again later, and a log goes on then.
        if (isReaderGone(error)) isClosed = true
        else failure ??= error as Error
      }
    },
    get failure() {
      return failure
    },
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  let written = 0
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written)
    } catch (error) {
      // Another process has made the descriptor non-blocking.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}

function isCharacterDevice(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice()
  } catch {
    return false
  }
}
