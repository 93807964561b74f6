import { detach, detachable } from '../bytes/detach.ts'

/** Bytes that each document may have without asking. */
const own = 1024 * 1024

/** Bytes of all longer documents of this process together, besides the one that was begun first. */
const shared = 4 * 1024 * 1024

/** Milliseconds that a document waits for the others at most, so that a slow server does not stop the reading of others. */
const patience = 10_000

/**
 * Bytes of a block: a document begins with a small one, and the next ones grow with it. Large ones are given back to the system as soon as
 * they are freed (on Deno, small ones are not).
 */
const [firstBlock, largestBlock] = [4 * 1024, 8 * 1024 * 1024]

/** Bytes of blocks that are freed by hand on each runtime. */
const largeBlock = 64 * 1024

/** A document that is being received. */
export interface ReceivedDocument {
  /** Adds bytes, which it copies. It waits while other long documents are received. */
  add(bytes: Uint8Array, signal: AbortSignal | undefined): Promise<void>
  /** Bytes so far. */
  readonly size: number
  /** The text. The document is empty afterwards. */
  takeText(): string
  /** Frees what it holds. */
  release(): void
}

// Shared by the whole process on purpose: what many servers send at the same time adds up in one memory. Insertion order is age.
const long = new Map<object, number>()
const waiting = new Set<() => void>()

/** Begins a document. Its bytes are freed at once when it is released, not when the garbage is collected. */
export function receiveDocument(): ReceivedDocument {
  const key = {}
  const blocks: Uint8Array[] = []
  let size = 0
  let room = 0
  let hasWaited = false
  const append = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.byteLength; ) {
      if (room === 0) {
        room = Math.min(largestBlock, Math.max(firstBlock, size))
        blocks.push(room < largeBlock ? new Uint8Array(room) : detachable(room))
      }
      const block = blocks.at(-1) as Uint8Array
      const step = Math.min(room, bytes.byteLength - at)
      block.set(bytes.subarray(at, at + step), block.byteLength - room)
      room -= step
      at += step
      size += step
    }
  }
  const release = (): void => {
    for (const block of blocks.splice(0)) detach(block)
    if (long.delete(key)) for (const wake of [...waiting]) wake()
  }
  return {
    get size() {
      return size
    },
    async add(bytes, signal) {
      const next = size + bytes.byteLength
      if (next > own) {
        if (!long.has(key)) long.set(key, 0)
        if (!hasWaited && !mayGrow(key, next)) hasWaited = await turn(key, next, signal)
        long.set(key, next)
      }
      append(bytes)
    },
    takeText() {
      // In one piece: a text of many pieces would be copied once more before it is parsed, while the pieces are still there.
      const whole = size < largeBlock ? new Uint8Array(size) : detachable(size)
      let at = 0
      for (const block of blocks.splice(0)) {
        whole.set(block.subarray(0, Math.min(block.byteLength, size - at)), at)
        at += block.byteLength
        detach(block)
      }
      release()
      const text = new TextDecoder().decode(whole)
      detach(whole)
      return text
    },
    release,
  }
}

/** The document that was begun first may always grow, so that one of them ends. */
function mayGrow(key: object, next: number): boolean {
  const [oldest] = long.keys()
  if (oldest === key) return true
  let others = 0
  for (const [each, size] of long) if (each !== key && each !== oldest) others += size
  return others + next <= shared
}

/** Resolves when a document may grow, or with true when it has waited long enough. */
function turn(key: object, next: number, signal: AbortSignal | undefined): Promise<boolean> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const stop = (): void => {
      clearTimeout(timer)
      waiting.delete(look)
      signal?.removeEventListener('abort', abort)
    }
    const look = (): void => {
      if (!mayGrow(key, next)) return
      stop()
      resolve(false)
    }
    const abort = (): void => {
      stop()
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      stop()
      resolve(true)
    }, patience)
    waiting.add(look)
    signal?.addEventListener('abort', abort)
  })
}
