import type { Transport } from '@hyperkit/core'

/** Stands between a client, or a download, and its server; see `wrapTransport` of `connect()`. */
export type WrapTransport = (transport: Transport) => Transport

/** How connections are opened. */
export interface OpenOptions {
  /**
   * Wraps every transport that is opened, to servers of the manifest, to sources and to web servers: `recordTransport` and
   * `recordIfAsked` of `@hyperkit/connect` are such wrappers. @default none
   */
  wrapTransport?: WrapTransport | undefined
}
