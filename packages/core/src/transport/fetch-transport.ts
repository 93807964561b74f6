import type { Transport, TransportInit } from './transport.ts'

export interface FetchTransportOptions {
  /** @default globalThis.fetch */
  fetch?: typeof globalThis.fetch
  /** How errors name the server. @default the URL */
  name?: string
  /** Sent with each request, such as `authorization`. */
  headers?: Record<string, string>
  /** @default 'error'; workerd needs 'manual' */
  redirect?: 'error' | 'manual'
}

/**
 * A transport over a plain `fetch`: what an edge worker has. It presents no client certificate and pins nothing.
 *
 * @example
 * ```ts
 * const client = createClient({ transport: fetchTransport('https://images.example.org:8443') })
 * ```
 */
export function fetchTransport(url: string, options: FetchTransportOptions = {}): Transport {
  const origin = new URL(url).origin
  const send = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
  return {
    origin,
    name: options.name ?? origin,
    redirect: options.redirect ?? 'error',
    fetch(input: Request | string, init?: Partial<TransportInit>) {
      const request = new Request(input, init as RequestInit)
      for (const [name, value] of Object.entries(options.headers ?? {})) request.headers.set(name, value)
      return send(request)
    },
  }
}
