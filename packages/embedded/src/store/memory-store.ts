import type { DraftBlob, RecordKind, Store, StoredBlob } from './store.ts'

/**
 * A store that lives as long as the process. Holds whole images in memory.
 *
 * @example
 * ```ts
 * const server = createImageServer({ dialect: 'incus', store: memoryStore() })
 * await server.close()
 * ```
 */
export function memoryStore(): Store {
  const records = new Map<RecordKind, Map<string, string>>()
  const blobs = new Map<string, StoredBlob>()
  const kindOf = (kind: RecordKind): Map<string, string> => {
    const known = records.get(kind)
    if (known !== undefined) return known
    const fresh = new Map<string, string>()
    records.set(kind, fresh)
    return fresh
  }
  return {
    async readRecords(kind) {
      return new Map([...kindOf(kind)].map(([key, text]) => [key, JSON.parse(text)]))
    },
    async writeRecord(kind, key, value) {
      kindOf(kind).set(key, JSON.stringify(value))
    },
    async deleteRecord(kind, key) {
      kindOf(kind).delete(key)
    },
    async draftBlob() {
      return draftInMemory(blobs)
    },
    async openBlob(name) {
      return blobs.get(name)
    },
    async deleteBlob(name) {
      blobs.delete(name)
    },
    async sweep(keep) {
      for (const name of blobs.keys()) if (!keep.has(name)) blobs.delete(name)
    },
  }
}

function draftInMemory(blobs: Map<string, StoredBlob>): DraftBlob {
  const chunks: Uint8Array[] = []
  let size = 0
  let finished: StoredBlob | undefined
  const finish = async (): Promise<StoredBlob> => {
    finished ??= {
      size,
      modifiedAt: new Date(),
      read: (start = 0, end = size) => streamOf(chunks, start, end),
    }
    return finished
  }
  return {
    async write(chunk) {
      // Node may reuse the memory of the chunk, and the stored bytes must not change.
      chunks.push(chunk.slice())
      size += chunk.byteLength
    },
    finish,
    async commit(name) {
      const blob = await finish()
      blobs.set(name, { ...blob, modifiedAt: new Date() })
    },
    async discard() {},
  }
}

function streamOf(chunks: readonly Uint8Array[], start: number, end: number): ReadableStream<Uint8Array> {
  let index = 0
  let offset = 0
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        for (;;) {
          const chunk = chunks[index]
          if (chunk === undefined || offset >= end) return controller.close()
          const from = Math.max(start - offset, 0)
          const piece = chunk.subarray(from, end - offset)
          index += 1
          offset += chunk.byteLength
          if (piece.byteLength > 0) return controller.enqueue(piece.slice())
        }
      },
    },
    { highWaterMark: 0 },
  )
}
