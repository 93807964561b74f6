import type { Transport } from '@hyperkit/core'

/** The requests of the work on a cluster. */
export interface Trace {
  /** For every transport that the work opens. */
  wrapTransport(transport: Transport): Transport
  /** Counts from now on. */
  begin(): void
  /** How many requests have begun. */
  count(): number
  /** Resolves with a description of a request when it begins, in what is counted next. */
  reached(number: number): Promise<string>
  /** The requests that have no answer yet, and for how long. */
  pending(): string[]
}

export function createTrace(): Trace {
  let counted = 0
  let next: Target | undefined
  let target: Target | undefined
  const open = new Map<object, { request: string; since: number }>()
  return {
    wrapTransport: (transport) => ({
      ...transport,
      async fetch(input, init) {
        const { method = 'GET', url } = typeof input === 'string' ? { ...init, url: input } : input
        const request = `${method} ${shorten(new URL(url).pathname)}`
        const key = {}
        open.set(key, { request, since: performance.now() })
        if (++counted === target?.number) target.reach(request)
        try {
          return await transport.fetch(input, init)
        } finally {
          open.delete(key)
        }
      },
    }),
    begin() {
      counted = 0
      target = next
      next = undefined
    },
    count: () => counted,
    reached: (number) =>
      new Promise((reach) => {
        next = { number, reach }
      }),
    pending: () =>
      [...open.values()].map(
        ({ request, since }) => `${request} for ${Math.round((performance.now() - since) / 1000)} s`,
      ),
  }
}

interface Target {
  number: number
  reach(request: string): void
}

const shorten = (path: string): string =>
  path.replace(/[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => `${id.slice(0, 8)}…`)
