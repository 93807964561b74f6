import type { Transport } from '@hyperkit/core'
import type { TransportInit } from '@hyperkit/core/parts'

export interface SentRequest {
  method: string
  /** The path with its query. */
  path: string
  headers: Headers
}

/** The same transport, which records each request. */
export function watchRequests(transport: Transport): { transport: Transport; requests: SentRequest[] } {
  const requests: SentRequest[] = []
  const { openMessages, close, redirect, identity } = transport
  return {
    requests,
    transport: {
      origin: transport.origin,
      name: transport.name,
      ...(identity === undefined ? {} : { identity }),
      ...(redirect === undefined ? {} : { redirect }),
      fetch(input: Request | string, init?: Partial<TransportInit>) {
        const request = typeof input === 'string' ? undefined : input
        const url = request?.url ?? String(input)
        requests.push({
          method: init?.method ?? request?.method ?? 'GET',
          path: url.slice(transport.origin.length),
          headers: new Headers(init?.headers ?? request?.headers),
        })
        return transport.fetch(input, init)
      },
      ...(openMessages ? { openMessages: openMessages.bind(transport) } : {}),
      ...(close ? { close: close.bind(transport) } : {}),
    },
  }
}
