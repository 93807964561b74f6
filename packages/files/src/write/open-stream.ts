import { constants, write } from 'node:fs'
import { open } from 'node:fs/promises'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { errorCode } from '../disk/disk-failure.ts'
import type { Place } from './find-place.ts'

const writeTo = promisify(write)

// Deno 2.9.5 repeats a write until all is written, and does not say how much was when the pipe is full. What fits into PIPE_BUF (4096 on
// Linux, 512 elsewhere) is written whole or not at all.
const mostAtOnce = !('deno' in process.versions)
  ? Number.POSITIVE_INFINITY
  : process.platform === 'linux'
    ? 4096
    : 512

/** A place that is written to and never replaced. */
export interface OpenStream {
  /** Resolves when all bytes are taken. */
  write(bytes: Uint8Array): Promise<void>
  /** Closes what was opened; a descriptor of the process stays open. */
  close(): Promise<void>
}

/**
 * Opens what must not be replaced: a device, a FIFO, a descriptor. It waits until a FIFO has a reader, and while the reader takes
 * nothing; never inside a call of the system, which would keep the process from ending.
 *
 * Errors are those of the system.
 */
export async function openStream(
  place: Exclude<Place, { kind: 'file' }>,
  signal: AbortSignal | undefined,
): Promise<OpenStream> {
  const all = async (bytes: Uint8Array, writeOnce: (piece: Uint8Array) => Promise<number>): Promise<void> => {
    for (let from = 0; from < bytes.byteLength; ) {
      const piece = bytes.subarray(from, from + mostAtOnce)
      from += await patiently('EAGAIN', () => writeOnce(piece), signal)
    }
  }
  if (place.kind === 'descriptor' && place.descriptor <= 2) {
    const { descriptor } = place
    return {
      write: (bytes) => all(bytes, async (piece) => (await writeTo(descriptor, piece)).bytesWritten),
      close: async () => {},
    }
  }
  // On Deno, only the three standard descriptors can be written to, so others are opened by their path. What is appended to a file
  // does not overwrite what its other writers wrote.
  const { O_WRONLY, O_APPEND, O_NONBLOCK = 0 } = constants
  const file = await patiently('ENXIO', () => open(place.path, O_WRONLY | O_APPEND | O_NONBLOCK), signal)
  return {
    write: (bytes) => all(bytes, async (piece) => (await file.write(piece)).bytesWritten),
    close: () => file.close(),
  }
}

/**
 * Tries again while the system answers that nobody reads yet, or that nothing fits. An abort only ends this waiting, so that an aborted
 * run can still write how it ended.
 */
async function patiently<T>(
  notYet: string,
  attempt: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  for (let wait = 1; ; wait = Math.min(20, 2 * wait)) {
    try {
      return await attempt()
    } catch (error) {
      if (errorCode(error) !== notYet) throw error
      signal?.throwIfAborted()
      await delay(wait, undefined, { signal })
    }
  }
}
