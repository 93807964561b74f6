import type { Transport } from '@hyperkit/core'

/** Wraps the transport of a client or a download; see `wrapTransport` of `connect()`. */
export type WrapTransport = (transport: Transport) => Transport

/** How connections are opened. */
export interface OpenOptions {
  /**
   * Wraps every transport that is opened, to servers of the manifest, to sources and to web servers. `recordTransport` and
   * `recordIfAsked` of `@hyperkit/connect` are such wrappers. @default none
   */
  wrapTransport?: WrapTransport | undefined
  /**
   * Called with a sentence if a server with several addresses is reached through another one. @default such a sentence is among the notes of
   * functions that have `onNote`
   */
  onSwitch?: ((sentence: string) => void) | undefined
  /** Bytes of the longest document that is read: an answer of an API, or a list of a simplestreams server. @default 67108864 */
  maxDocument?: number | undefined
  /**
   * Whether nothing is written to this machine: a download that was needed to plan is not kept, and an expired OIDC login is not renewed,
   * because a renewed one has to be saved. @default false
   */
  keepsNothing?: boolean | undefined
}
