// The APIs of workerd that are not Web APIs, declared here so that no package of types is needed.

export interface Fetcher {
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>
}

/** Hashes what is written to it. */
export interface DigestStream extends WritableStream<Uint8Array> {
  readonly digest: Promise<ArrayBuffer>
}

/** Passes bytes on as they are: what is written was taken by the reader when the write is done. */
type Passage = TransformStream<Uint8Array, Uint8Array>

interface Platform {
  crypto: { DigestStream?: new (algorithm: 'SHA-256') => DigestStream }
  IdentityTransformStream?: new () => Passage
  /** Exactly so many bytes; a response that has one says its Content-Length. */
  FixedLengthStream?: new (
    length: number,
  ) => Passage
}

const platform = globalThis as unknown as Platform

export function createDigestStream(): DigestStream {
  const { DigestStream } = platform.crypto
  if (DigestStream === undefined) throw missing('crypto.DigestStream')
  return new DigestStream('SHA-256')
}

export function createPassage(length: number | undefined): Passage {
  const { FixedLengthStream, IdentityTransformStream } = platform
  if (FixedLengthStream === undefined || IdentityTransformStream === undefined)
    throw missing('FixedLengthStream')
  return length === undefined ? new IdentityTransformStream() : new FixedLengthStream(length)
}

function missing(name: string): Error {
  return new Error(`This platform has no ${name}, which sending images needs: run the catalogue on workerd`)
}
