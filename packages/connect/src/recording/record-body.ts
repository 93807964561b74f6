import { createHash } from 'node:crypto'
import { passBytes, type RecordedBody, type RecordedFailure } from '@hyperkit/core/parts'

/** How a body ended: read to its end, cancelled by its reader, or broken. */
export type BodyEnd = 'whole' | 'by the reader' | RecordedFailure

export interface BodyNotes {
  /** Bodies other than JSON and text are kept up to this size. */
  keepBytes: number
  /** Keeps the bytes in a file and returns its name. */
  keep(bytes: Uint8Array): string
}

// Nobody reads a longer JSON or text in a recording.
const longestText = 16 * 1024 * 1024

/**
 * Passes a body on, no faster than it is read, and records it on the way: JSON and text whole, all else by size and SHA-256.
 *
 * @param onEnd called once, before the reader learns of the end
 */
export function recordBody(
  body: ReadableStream<Uint8Array>,
  contentType: string,
  notes: BodyNotes,
  onEnd: (end: BodyEnd, body: RecordedBody | undefined) => void,
): ReadableStream<Uint8Array> {
  const isText = /json|^text\//i.test(contentType)
  const limit = isText ? longestText : notes.keepBytes
  const hash = createHash('sha256')
  let kept: Uint8Array[] | undefined = []
  let size = 0
  let over = false
  const finish = (end: BodyEnd): void => {
    if (over) return
    over = true
    onEnd(end, describe(isText, size, hash.digest('hex'), kept, notes))
  }
  return passBytes(body, {
    take(piece) {
      hash.update(piece)
      size += piece.byteLength
      if (size > limit) kept = undefined
      // A copy, since the reader may transfer the memory of the piece.
      else kept?.push(piece.slice())
    },
    end: () => finish('whole'),
    failed(error) {
      finish(describeFailure(error))
      return error
    },
    cancelled: () => finish('by the reader'),
  })
}

export function describeFailure(error: unknown): RecordedFailure {
  const { name, code, message, cause } = error as {
    name?: unknown
    code?: unknown
    message?: unknown
    cause?: unknown
  }
  // Node's fetch, among others, puts the reason into the cause of a "fetch failed".
  const deeper = code === undefined && cause instanceof Error ? describeFailure(cause) : undefined
  return {
    name: typeof name === 'string' ? name : 'Error',
    ...(typeof code === 'string' ? { code } : deeper?.code === undefined ? {} : { code: deeper.code }),
    message: typeof message === 'string' ? message : String(error),
  }
}

function describe(
  isText: boolean,
  bytes: number,
  sha256: string,
  kept: Uint8Array[] | undefined,
  notes: BodyNotes,
): RecordedBody | undefined {
  if (bytes === 0) return undefined
  if (kept === undefined) return { bytes, sha256 }
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const piece of kept) {
    whole.set(piece, at)
    at += piece.byteLength
  }
  return isText ? readText(whole) : { bytes, sha256, file: notes.keep(whole) }
}

/** @returns JSON if the bytes can be parsed as such, else text */
export function readText(bytes: Uint8Array | string): RecordedBody {
  const text = typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes)
  try {
    return { json: JSON.parse(text) }
  } catch {
    return { text }
  }
}
