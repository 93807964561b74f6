import { boundaryOf, messageOf } from '@hyperkit/core/parts'
import { Failure } from '../answer/failure.ts'
import { JsonSyntaxError, parseGoJson } from '../json/parse-go-json.ts'
import type { Store } from '../store/store.ts'
import type { IncomingImage } from './incoming-image.ts'
import { receiveSplit, receiveUnified } from './receive-image.ts'

/** The body of `POST /1.0/images`. */
export type ReceivedBody<T> =
  | { kind: 'json'; value: T }
  | { kind: 'image'; image: IncomingImage }
  /** A multipart body that is not an image: the operation reports it, and not the answer. */
  | { kind: 'broken'; error: Error }

/** Longer bodies are images, whatever they begin with. */
const maxJson = 16 * 1024 * 1024

/**
 * The body decides: JSON of the right shape is a request, and everything else is an image; only the exact Content-Type
 * `application/json` makes broken JSON an error.
 *
 * @throws {Failure} 400, or 500 if the body breaks off
 */
export async function receiveBody<T>(
  store: Store,
  request: Request,
  decode: (value: unknown) => T,
): Promise<ReceivedBody<T>> {
  const chunks = chunksOf(request.body)
  const boundary = boundaryOf(request.headers.get('content-type'))
  if (boundary !== undefined) return receiveMultipart(store, chunks, boundary)
  const strict = request.headers.get('content-type') === 'application/json'
  const head = await readHead(chunks, strict)
  if (head.mayBeJson) {
    try {
      return { kind: 'json', value: decode(parseGoJson(head.bytes.toString('utf8'))) }
    } catch (error) {
      if (strict) throw error instanceof JsonSyntaxError ? new Failure(400, error.message) : error
    }
  }
  return { kind: 'image', image: await receiveUnified(store, chain(head.bytes, chunks)) }
}

async function receiveMultipart(
  store: Store,
  chunks: AsyncIterable<Uint8Array>,
  boundary: string,
): Promise<ReceivedBody<never>> {
  const cut: { error?: Error } = {}
  try {
    return { kind: 'image', image: await receiveSplit(store, watched(chunks, cut), boundary) }
  } catch (error) {
    if (cut.error !== undefined) throw new Failure(500, 'unexpected EOF')
    return { kind: 'broken', error: error instanceof Error ? error : new Error(String(error)) }
  }
}

/** Distinguishes an error of the connection from one of the format. */
async function* watched(
  chunks: AsyncIterable<Uint8Array>,
  cut: { error?: Error },
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks
  } catch (error) {
    cut.error = error instanceof Error ? error : new Error(String(error))
    throw error
  }
}

/** Reads further only as long as the body may be JSON. */
async function readHead(
  chunks: AsyncIterator<Uint8Array>,
  strict: boolean,
): Promise<{ bytes: Buffer; mayBeJson: boolean }> {
  const parts: Uint8Array[] = []
  let size = 0
  for (;;) {
    const step = await chunks.next()
    const bytes = (): Buffer => Buffer.concat(parts)
    if (step.done === true) return { bytes: bytes(), mayBeJson: strict || looksLikeJson(bytes()) }
    parts.push(step.value)
    size += step.value.byteLength
    if (size > maxJson) return { bytes: bytes(), mayBeJson: strict }
    if (!looksLikeJson(parts[0] ?? new Uint8Array())) return { bytes: bytes(), mayBeJson: strict }
  }
}

/** Only an object or `null` fits the request; any other value counts as invalid JSON. */
function looksLikeJson(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)
  return first === 0x7b || first === 0x6e
}

async function* chain(head: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.byteLength > 0) yield head
  yield* rest
}

async function* chunksOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (body === null) return
  try {
    yield* body
  } catch (error) {
    throw new Failure(500, `unexpected EOF: ${messageOf(error)}`)
  }
}
