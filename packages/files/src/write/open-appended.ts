import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { writeFailure } from '../disk/disk-failure.ts'
import { findPlace, type Place } from './find-place.ts'
import { type OpenStream, openStream } from './open-stream.ts'

/** Options of {@link openAppended}. */
export interface OpenAppendedOptions {
  /** The permissions of a new file. @default 0o600 */
  mode?: number | undefined
  /** What is tried with the path, for the error. @default 'write' */
  action?: string | undefined
  /** Ends waiting for the reader of a FIFO. */
  signal?: AbortSignal | undefined
}

/** A file that lines are appended to. */
export interface AppendedFile {
  /**
   * Appends lines, which end with a newline, and stores them. One call after the other; lines of several processes do not mix.
   *
   * @throws HyperkitError `file-unwritable`
   */
  append(lines: string): Promise<void>
  /** Closes a device or a FIFO; a file is not open between the calls. */
  close(): Promise<void>
}

/**
 * Opens what the user pointed at, to append lines. A file is opened again for each call, so that it may be renamed meanwhile, as log
 * rotation does, and a line follows a half one of a full disk on its own line. A device, a FIFO or `/dev/stdout` is written to; a FIFO is
 * opened at the first line.
 *
 * @throws HyperkitError `file-unwritable`
 */
export async function openAppended(path: string, options: OpenAppendedOptions = {}): Promise<AppendedFile> {
  const { mode = 0o600, action, signal } = options
  const failure = (error: unknown): Error => writeFailure(path, error, '', action)
  const place = await findPlace(path, action)
  if (place.kind !== 'file') return appendToStream(place, signal, failure)
  const openFile = async (): Promise<FileHandle> => {
    const now = await findPlace(path, action)
    const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants
    return open(now.path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, mode)
  }
  // Now, so that an error comes before the work.
  await openFile().then((file) => file.close(), rethrow(failure))
  let isHalf = await endsInHalfLine(place.path)
  return {
    async append(lines) {
      try {
        const file = await openFile()
        try {
          const bytes = new TextEncoder().encode(isHalf ? `\n${lines}` : lines)
          isHalf = true
          for (let from = 0; from < bytes.byteLength; )
            from += (await file.write(bytes.subarray(from))).bytesWritten
          isHalf = false
          await file.sync()
        } finally {
          await file.close()
        }
      } catch (error) {
        throw failure(error)
      }
    },
    close: async () => {},
  }
}

function appendToStream(
  place: Exclude<Place, { kind: 'file' }>,
  signal: AbortSignal | undefined,
  failure: (error: unknown) => Error,
): AppendedFile {
  let opened: Promise<OpenStream> | undefined
  return {
    async append(lines) {
      try {
        opened ??= openStream(place, signal)
        await (await opened).write(new TextEncoder().encode(lines))
      } catch (error) {
        signal?.throwIfAborted()
        throw failure(error)
      }
    },
    async close() {
      await opened?.then((stream) => stream.close()).catch(() => {})
    },
  }
}

/** Whether the last line lacks its end. A file that may only be appended to is taken to be whole. */
async function endsInHalfLine(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      if (size === 0) return false
      const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
      return buffer[0] !== 10
    } finally {
      await file.close()
    }
  } catch {
    return false
  }
}

function rethrow(failure: (error: unknown) => Error): (error: unknown) => never {
  return (error) => {
    throw failure(error)
  }
}
