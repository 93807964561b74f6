import type { TransportInit } from '@hyperkit/core/parts'

export interface Outgoing {
  url: URL
  method: string
  headers: Headers
  body: ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | string | undefined
  signal: AbortSignal | undefined
  /**
   * The Request that the signal belongs to. Node (20.20) stops passing an abort on to a Request's signal once the Request itself is
   * collected, so it has to be referenced for as long as the signal matters.
   */
  request: Request | undefined
}

/** Reads the arguments of `fetch(input, init)` without copying the body. */
export function unpackRequest(input: Request | string, init: Partial<TransportInit> = {}): Outgoing {
  const request = typeof input === 'string' ? undefined : input
  return {
    url: new URL(request?.url ?? (input as string)),
    method: (init.method ?? request?.method ?? 'GET').toUpperCase(),
    headers: new Headers(init.headers ?? request?.headers),
    body: init.body ?? request?.body ?? undefined,
    signal: init.signal ?? request?.signal,
    request,
  }
}

/** The same path at this origin: a request to a server with several addresses names the first one. */
export function atOrigin(url: URL, origin: string): URL {
  return url.origin === origin ? url : new URL(`${origin}${url.pathname}${url.search}`)
}
