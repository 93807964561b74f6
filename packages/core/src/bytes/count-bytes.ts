import { ArgumentError } from '../errors/errors.ts'
import { passBytes } from './pass-bytes.ts'

/**
 * The same bytes, counted as they are read.
 *
 * If a size is given, more or fewer bytes are an error: Node and Bun silently cut a body that is longer than its `content-length`.
 */
export function countBytes(
  source: ReadableStream<Uint8Array>,
  facts: { size: number | undefined; onBytes?: ((count: number) => void) | undefined; what: string },
): ReadableStream<Uint8Array> {
  const { size, what } = facts
  let sent = 0
  const mismatch = (has: string): Error =>
    new ArgumentError('size', `Cannot send ${what}: its size was given as ${size} bytes, but it has ${has}`)
  return passBytes(source, {
    take({ byteLength }) {
      sent += byteLength
      if (size !== undefined && sent > size) throw mismatch('more')
      facts.onBytes?.(byteLength)
    },
    end() {
      if (size !== undefined && sent < size) throw mismatch(`only ${sent}`)
    },
  })
}
