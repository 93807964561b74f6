import type { ImageHash } from './hash-image.ts'
import { createPassage } from './platform.ts'
import { readPieces } from './read-pieces.ts'

export interface CopyTarget {
  writable: WritableStream<Uint8Array>
  /** Resolves when the reader has stopped reading. */
  gone: Promise<void>
}

export interface SendOptions {
  /** Bytes to send; the rest is not read. @default all */
  length?: number | undefined
  /** The expected hash of the whole, and the hash that has read the bytes before. @default nothing is verified */
  verify?: { expected: string; hash: ImageHash } | undefined
  /** A second reader of the same bytes; the slower one sets the pace. @default none */
  copyTo?: CopyTarget | undefined
  /** Called at the end, after success and failure. */
  close?: (() => Promise<void>) | undefined
}

/**
 * Sends bytes to a visitor, no faster than they are read. If they are verified, the last piece is held back until the hash is
 * known, and sent only if it is the expected one, so that wrong bytes end in a broken transfer, never in a complete file.
 */
export function sendBytes(
  body: ReadableStream<Uint8Array>,
  options: SendOptions,
): ReadableStream<Uint8Array> {
  const { readable, writable } = createPassage(options.length)
  const writers = [writable.getWriter(), ...(options.copyTo ? [new Copy(options.copyTo)] : [])]
  const each = (act: (writer: Writer) => Promise<void>): Promise<unknown> => Promise.all(writers.map(act))
  pump(body, (piece) => each((writer) => writer.write(piece)), options)
    .then(() => each((writer) => writer.close()))
    // If the visitor disconnects, writing fails, and there is no one left to answer.
    .catch((error: unknown) => Promise.allSettled(writers.map((writer) => writer.abort(error))))
    .finally(() => options.close?.().catch(() => {}))
  return readable
}

interface Writer {
  write(piece: Uint8Array): Promise<void>
  close(): Promise<void>
  abort(reason: unknown): Promise<void>
}

/** A reader that may refuse (a cache, if the file is too big) or stop without breaking the transfer. */
class Copy implements Writer {
  #writer: Writer | undefined
  readonly #gone: Promise<void>

  constructor({ writable, gone }: CopyTarget) {
    this.#writer = writable.getWriter()
    this.#gone = gone.then(() => {
      this.#writer = undefined
    })
  }

  write(piece: Uint8Array): Promise<void> {
    return this.#attempt((writer) => writer.write(piece))
  }

  close(): Promise<void> {
    return this.#attempt((writer) => writer.close())
  }

  abort(reason: unknown): Promise<void> {
    return this.#attempt((writer) => writer.abort(reason))
  }

  async #attempt(act: (writer: Writer) => Promise<void>): Promise<void> {
    try {
      if (this.#writer !== undefined) await Promise.race([act(this.#writer), this.#gone])
    } catch {
      this.#writer = undefined
    }
  }
}

async function pump(
  body: ReadableStream<Uint8Array>,
  write: (piece: Uint8Array) => Promise<unknown>,
  { length = Number.POSITIVE_INFINITY, verify }: SendOptions,
): Promise<void> {
  let held: Uint8Array | undefined
  let left = length
  for await (const piece of readPieces(body)) {
    const wanted = piece.subarray(0, left)
    await verify?.hash.add(wanted)
    if (held !== undefined) await write(held)
    held = wanted
    left -= wanted.byteLength
    if (left === 0 && verify === undefined) break
  }
  if (verify !== undefined) await compare(verify)
  if (held !== undefined) await write(held)
}

async function compare({ hash, expected }: NonNullable<SendOptions['verify']>): Promise<void> {
  const actual = await hash.finish()
  if (actual === expected) return
  const message = `Image ${expected} is damaged on the server: its bytes hash to ${actual}; the transfer was broken off`
  console.error(message)
  throw new Error(message)
}
