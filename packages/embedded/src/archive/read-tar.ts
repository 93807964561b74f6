const blockSize = 512

export interface TarEntry {
  name: string
  /** Reads the whole content; for small files. Must be called before the next entry is read, or not at all. */
  read(): Promise<Uint8Array>
}

/**
 * The entries of a tar stream, as described by the first block of their headers: names are cut at 255 characters,
 * and no name that matters here is longer.
 *
 * @throws {Error} with the words of Go's reader
 */
export async function* readTar(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const bytes = createByteReader(chunks)
  try {
    for (;;) {
      const header = await bytes.take(blockSize)
      if (header === undefined || header.every((byte) => byte === 0)) return
      checkHeader(header)
      const size = sizeOf(header)
      let left = Math.ceil(size / blockSize) * blockSize
      const read = async (): Promise<Uint8Array> => {
        const content = size === 0 ? new Uint8Array() : await bytes.take(size)
        left -= size
        return content ?? cut()
      }
      // Extension headers describe the entry after them; their content is skipped.
      if (!'xgLKV'.includes(String.fromCharCode(header[156] ?? 0) || ' '))
        yield { name: nameOf(header), read }
      await bytes.skip(left)
    }
  } finally {
    await bytes.close()
  }
}

function cut(): never {
  throw new Error('unexpected EOF')
}

function checkHeader(header: Uint8Array): void {
  const expected = Number.parseInt(textOf(header, 148, 8).trim(), 8)
  let sum = 0
  for (const [index, byte] of header.entries()) sum += index >= 148 && index < 156 ? 0x20 : byte
  if (sum !== expected) throw new Error('archive/tar: invalid tar header')
}

function nameOf(header: Uint8Array): string {
  const prefix = textOf(header, 257, 5) === 'ustar' ? textOf(header, 345, 155) : ''
  const name = textOf(header, 0, 100)
  return prefix === '' ? name : `${prefix}/${name}`
}

function sizeOf(header: Uint8Array): number {
  // Sizes of more than 8 GiB are written in base 256, with the first bit set.
  if (((header[124] ?? 0) & 0x80) !== 0) {
    return header.subarray(128, 136).reduce((size, byte) => size * 256 + byte, 0)
  }
  return Number.parseInt(textOf(header, 124, 12).trim() || '0', 8)
}

function textOf(header: Uint8Array, start: number, length: number): string {
  const field = header.subarray(start, start + length)
  const end = field.indexOf(0)
  return Buffer.from(end < 0 ? field : field.subarray(0, end)).toString('utf8')
}

interface ByteReader {
  /** @returns `undefined` at the end; throws if fewer bytes are left */
  take(count: number): Promise<Uint8Array | undefined>
  skip(count: number): Promise<void>
  close(): Promise<void>
}

function createByteReader(chunks: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = chunks[Symbol.asyncIterator]()
  let rest: Uint8Array = new Uint8Array()
  const more = async (): Promise<boolean> => {
    const step = await iterator.next()
    if (step.done === true) return false
    rest = rest.byteLength === 0 ? step.value : Buffer.concat([rest, step.value])
    return true
  }
  return {
    async take(count) {
      while (rest.byteLength < count) {
        if (await more()) continue
        return rest.byteLength === 0 ? undefined : cut()
      }
      const taken = rest.subarray(0, count)
      rest = rest.subarray(count)
      return taken
    },
    async skip(count) {
      let left = count
      while (left > rest.byteLength) {
        left -= rest.byteLength
        rest = new Uint8Array()
        if (!(await more())) cut()
      }
      rest = rest.subarray(left)
    },
    async close() {
      await iterator.return?.()
    },
  }
}
