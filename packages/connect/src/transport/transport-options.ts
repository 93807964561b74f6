import type { BearerToken } from '@hyperkit/core/parts'
import type { ClientCertificate } from '../certificates/client-certificate.ts'

/** Where a server is and how it is recognised. Give either `url` or `socket`. */
export type TransportOptions = UrlTransportOptions | SocketTransportOptions

/** A server by its unix socket. Whoever may open it has full rights. */
export interface SocketTransportOptions {
  /** Path of the server's unix socket, such as `/var/lib/incus/unix.socket`. */
  socket: string
  url?: never
  /** How errors name the server. @default the path */
  name?: string
  token?: never
  clientCertificate?: never
}

/** A server by its URL, and how the two recognise each other. */
export interface UrlTransportOptions {
  /** Scheme, host and port, such as `https://10.1.0.7:8443`; the port is 8443 where none stands. */
  url: string
  socket?: never
  /** How errors name the server. @default the origin of the URL */
  name?: string
  /**
   * The server's own certificate: its PEM text, or the SHA-256 fingerprint of its DER form (64 hex, colons allowed). The
   * server must show exactly this certificate; then the host name does not matter.
   */
  serverCertificate?: string
  /** PEM text of the authority that signed the server's certificate. @default the authorities of the system */
  certificateAuthority?: string
  /** PEM texts of the certificate that this client shows, and of its key (not encrypted). */
  clientCertificate?: ClientCertificate
  /**
   * Sent as `Authorization: Bearer`: what `createTokenSource()` of @hyperkit/core makes of a client certificate (Incus), what
   * `lxc auth identity token issue` gave (LXD), or the access token of an OIDC login, a JWT. A function is asked before each
   * request, and again where a server answers 401. A server that does not take it is an error at the first call, and at each later one that it refuses.
   */
  token?: BearerToken
  /**
   * URL of an HTTP proxy that tunnels with CONNECT, or `false` for none.
   *
   * @default the variables HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY; never for loopback addresses
   */
  proxy?: string | false
  /** Where the proxy variables are read. @default the environment of the process */
  environment?: Environment
}

/** Variables by name, as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>
