import type { Transport } from '@hyperkit/core'

/** A transport that can be closed, also by `using` and `await using`. */
export interface OpenTransport extends Transport {
  /** Ends idle connections; the transport can be used on. */
  close(): void
  /** As `close`, for `using`. */
  [Symbol.dispose](): void
  /** As `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** Adds the ways to close a transport. */
export function toOpenTransport(transport: Transport): OpenTransport {
  const close = (): void => transport.close?.()
  return { ...transport, close, [Symbol.dispose]: close, [Symbol.asyncDispose]: async () => close() }
}
