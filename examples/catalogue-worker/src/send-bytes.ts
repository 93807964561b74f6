import type { ImageHash } from './hash-image.ts'
import { createPassage } from './platform.ts'
import { readPieces } from './read-pieces.ts'

export interface SendOptions {
  /** Bytes to send; the rest is not read. @default all */
  length?: number | undefined
  /** What the whole must hash to, and the hash that has seen what went before. @default nothing is verified */
  verify?: { expected: string; hash: ImageHash } | undefined
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
  const writer = writable.getWriter()
  // Whoever goes away in the middle breaks the writing; there is nobody to tell.
  writer.closed.catch(() => {})
  pump(body, writer, options)
    .then(() => writer.close())
    .catch((error: unknown) => writer.abort(error))
    .catch(() => {})
    .finally(() => options.close?.().catch(() => {}))
  return readable
}

async function pump(
  body: ReadableStream<Uint8Array>,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  { length = Number.POSITIVE_INFINITY, verify }: SendOptions,
): Promise<void> {
  let held: Uint8Array | undefined
  let left = length
  for await (const piece of readPieces(body)) {
    const wanted = piece.subarray(0, left)
    await verify?.hash.add(wanted)
    if (held !== undefined) await writer.write(held)
    held = wanted
    left -= wanted.byteLength
    if (left === 0 && verify === undefined) break
  }
  if (verify !== undefined) await compare(verify)
  if (held !== undefined) await writer.write(held)
}

async function compare({ hash, expected }: NonNullable<SendOptions['verify']>): Promise<void> {
  const actual = await hash.finish()
  if (actual === expected) return
  const message = `Image ${expected} is damaged on the server: its bytes hash to ${actual}; the transfer was broken off`
  console.error(message)
  throw new Error(message)
}
