import type { Transport } from '@hyperkit/core'
import type { TransportInit } from '@hyperkit/core/parts'

/**
 * The same server, but other servers see only another address: as the transport's own origin and as the addresses
 * that the server reports.
 *
 * @param address `127.0.0.1:1`
 */
export function hideServer(transport: Transport, address: string): Transport {
  const origin = `https://${address}`
  const { openMessages, close, redirect } = transport
  return {
    origin,
    name: transport.name,
    ...(redirect === undefined ? {} : { redirect }),
    async fetch(input: Request | string, init?: Partial<TransportInit>) {
      const url = typeof input === 'string' ? input : input.url
      const there = `${transport.origin}${url.slice(origin.length)}`
      const answer = await transport.fetch(typeof input === 'string' ? there : moved(there, input), init)
      return new URL(there).pathname === '/1.0' ? withAddress(answer, address) : answer
    },
    ...(openMessages ? { openMessages: openMessages.bind(transport) } : {}),
    ...(close ? { close: close.bind(transport) } : {}),
  }
}

function moved(url: string, request: Request): Request {
  const { method, headers, body, signal, redirect } = request
  return new Request(url, {
    method,
    headers,
    redirect,
    signal,
    ...(body === null ? {} : { body, duplex: 'half' }),
  } as RequestInit)
}

async function withAddress(answer: Response, address: string): Promise<Response> {
  const envelope = (await answer.json()) as { metadata: { environment: Record<string, unknown> | null } }
  const { environment } = envelope.metadata
  if (environment !== null) environment.addresses = [address]
  return Response.json(envelope)
}
