import type { Transport, TransportInit } from '@hyperkit/core'
import type { Endpoint } from './endpoint.ts'
import { createNodeTransport } from './node.ts'

/**
 * A transport on Deno: over node:https, because Deno's own fetch always checks the host name, which the certificate of an
 * LXD or Incus server seldom bears, and drops the `content-length` of a stream.
 *
 * A connection that has carried a streamed body is not used again: on Deno 2.9.5 the next request over it is never sent
 * when the body was longer than what TLS buffers (300 kB; seen with LXD 5.0.2 and Incus 6.0.4, not over a unix socket).
 */
export function createDenoTransport(endpoint: Endpoint): Transport {
  const transport = createNodeTransport(endpoint, true)
  return {
    ...transport,
    fetch(input: Request | string, init?: Partial<TransportInit>) {
      const request = typeof input === 'string' ? undefined : input
      const headers = new Headers(init?.headers ?? request?.headers)
      // The body of a `Request` is a stream also where it was made of a text; JSON fits into the buffers.
      const streamed = (init?.body ?? request?.body) instanceof ReadableStream
      if (!streamed || headers.get('content-type') === 'application/json') return transport.fetch(input, init)
      headers.set('connection', 'close')
      return transport.fetch(input, { ...init, headers })
    },
  }
}
