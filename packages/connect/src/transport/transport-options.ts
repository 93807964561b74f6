import type { BearerToken } from '@hyperkit/core/parts'
import type { ClientCertificate } from '../certificates/client-certificate.ts'

/** Where a server is and how it is identified. Give either `url` or `socket`. */
export type TransportOptions = OneAddressOptions | ClusterTransportOptions

/** A server with one address. */
export type OneAddressOptions = UrlTransportOptions | SocketTransportOptions

/**
 * A cluster by the URLs of several of its members. Requests go to the first one that answers, and to the next when it does not; each has 10
 * seconds to make a connection, and after 2 seconds without one the next is tried beside it. A member that is silent, or
 * is starting and answers 503 to everything, is left too, and so is a gateway whose server is down (502, 504), by the next request. The
 * first URL has precedence again when it answers `GET /1.0` with 200 (or 401 or 403 to a client that no URL trusts), which is tried every
 * 30 seconds.
 *
 * The members of a cluster share one certificate. Another URL is used only if it shows the pinned one, or, if none is pinned, the one that
 * the first URL showed; otherwise the call fails and names both. Standalone servers may share a certificate too, so each URL is asked for
 * `GET /1.0` before it is used: both must be members of a cluster, or the same server. (A client that the server does not trust is not
 * shown that; if it refuses a token, it is asked again before each request, since the token may be renewed.) Once a URL is used, one of
 * another server is reported to `onSwitch`, and calls fail only if no other URL works.
 */
export interface ClusterTransportOptions extends Omit<UrlTransportOptions, 'url'> {
  /** `https` URLs in the order in which they are tried. */
  url: readonly string[]
  /** Called when requests go on through another address. */
  onSwitch?: ((change: AddressSwitch) => void) | undefined
}

/** Requests to a server go on through another of its addresses. */
export interface AddressSwitch {
  /** The server's name in errors. */
  server: string
  /** The address before, such as `https://10.1.0.7:8443`. */
  from: string
  to: string
  /**
   * Why the former address is not used: it does not answer, the other one has precedence and answers again, or the former is refused, since
   * it shows another certificate or is another server. A refused address need not have been used before; it is reported once.
   */
  why: 'no-answer' | 'preferred' | 'refused'
  /** What was seen of the former address, such as `connect ECONNREFUSED 10.1.0.7:8443`; empty for `preferred`, the text of the error for `refused`. */
  reason: string
}

/** A server by its unix socket. A client that may open it has full rights. */
export interface SocketTransportOptions {
  /** Path of the server's unix socket, such as `/var/lib/incus/unix.socket`. */
  socket: string
  url?: never
  /** Name of the server in errors. @default the path */
  name?: string
  token?: never
  clientCertificate?: never
}

/** A server by its URL, and how client and server identify each other. */
export interface UrlTransportOptions {
  /** Scheme, host and port, such as `https://10.1.0.7:8443`. Without a port it is 8443. */
  url: string
  socket?: never
  /** Name of the server in errors. @default the origin of the URL */
  name?: string
  /**
   * The server's own certificate: its PEM text, or the SHA-256 fingerprint of its DER form (64 hex, colons allowed). The
   * server must present exactly this certificate; then the host name does not matter.
   */
  serverCertificate?: string
  /** PEM text of the authority that signed the server's certificate. @default the authorities of the system */
  certificateAuthority?: string
  /** PEM texts of the certificate that this client presents, and of its key (not encrypted). */
  clientCertificate?: ClientCertificate
  /**
   * Sent as `Authorization: Bearer`: a token that `createTokenSource()` of @hyperkit/core makes from a client certificate (Incus), that
   * `lxc auth identity token issue` gave (LXD), or the access token of an OIDC login, a JWT. A function is called before each
   * request, and again if a server answers 401. If the server does not accept the token, the first call fails, and so does each later
   * call that the server refuses.
   */
  token?: BearerToken
  /**
   * URL of an HTTP proxy that tunnels with CONNECT, or `false` for none.
   *
   * @default the variables HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY; never for loopback addresses
   */
  proxy?: string | false
  /** Environment variables, for those of proxies. @default the environment of the process */
  environment?: Environment
}

/** Environment variables by name, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>
