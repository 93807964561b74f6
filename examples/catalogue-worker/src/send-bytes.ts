import type { ImageHash } from './hash-image.ts'
import { createPassage } from './platform.ts'
import { readPieces } from './read-pieces.ts'

export interface CopyTarget {
  writable: WritableStream<Uint8Array>
  /** Resolves when nobody reads the other end any more. */
  gone: Promise<void>
}

export interface SendOptions {
  /** Bytes to send; the rest is not read. @default all */
  length?: number | undefined
  /** What the whole must hash to, and the hash that has seen what went before. @default nothing is verified */
  verify?: { expected: string; hash: ImageHash } | undefined
  /** Given the same bytes, at the pace of the slower of the two. @default nobody */
  copyTo?: CopyTarget | undefined
  /** Done at the end, whatever it was. */
  close?: (() => Promise<void>) | undefined
}

/**
 * Bytes on their way to a visitor, no faster than they are read. Where they are verified, the last piece is held back until
 * the hash is known, and given only if it is the expected one: whoever downloads other bytes gets a broken transfer,
 * never a whole file.
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
    // Whoever goes away in the middle breaks the writing; there is nobody to tell.
    .catch((error: unknown) => Promise.allSettled(writers.map((writer) => writer.abort(error))))
    .finally(() => options.close?.().catch(() => {}))
  return readable
}

interface Writer {
  write(piece: Uint8Array): Promise<void>
  close(): Promise<void>
  abort(reason: unknown): Promise<void>
}

/** A reader that may refuse (a cache, what is too big for it) or leave without spoiling the transfer. */
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
