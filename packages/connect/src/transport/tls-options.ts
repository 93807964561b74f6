/** The TLS options for one server. node:tls, node:https on each runtime, and Bun's fetch understand them. */
export interface TlsOptions {
  ca?: string
  cert?: string
  key?: string
  /** Trusts a pinned certificate itself, even if an unknown authority has signed it. */
  allowPartialTrustChain?: boolean
  checkServerIdentity?(host: string, certificate: { raw?: Uint8Array }): Error | undefined
}
