import type { OwnBytes } from '../model/own-bytes.ts'
import type { Identity } from './identity.ts'

/** The part of `RequestInit` that a transport gets; TypeScript's own type lacks `duplex`. */
export interface TransportInit {
  method: string
  headers: Headers
  body?: ReadableStream<Uint8Array> | OwnBytes | string | null
  redirect: 'error' | 'manual'
  signal?: AbortSignal | undefined
  duplex?: 'half'
}

/** The text messages of a WebSocket, in order. It ends if the connection closes cleanly, and throws if it breaks. */
export interface MessageStream extends AsyncIterable<string> {
  /** Closes the connection; the loop over the messages ends. */
  close(): void
}

/** The addresses of a server that has several, because it is a cluster. */
export interface TransportAddresses {
  /** As {@link Transport.origin}, in the order in which they are tried. */
  readonly origins: readonly string[]
  /** The one that requests are sent to now. */
  current(): string
}

/**
 * How requests reach one server. This is the only part that depends on the runtime.
 *
 * A transport follows no redirects, does not retry, sets no time limit of its own, streams both bodies, and after an abort rejects with the
 * signal's reason.
 */
export interface Transport {
  /** Scheme and authority, without a slash at the end: `https://10.1.0.7:8443`, or `http://unix.socket` for a socket. */
  readonly origin: string
  /** The server's name in errors: a remote's name, a URL or a socket path. */
  readonly name: string
  /** Like the global `fetch`; it also accepts a global `Request`, because ky passes one. */
  fetch(input: Request | string, init?: Partial<TransportInit>): Promise<Response>
  /** The client's identity in `fetch`, for errors that explain what a server does not show. @default unknown */
  readonly identity?: Identity
  /**
   * The redirect mode of requests: Node's own fetch keeps a copy of the whole body unless it is `'error'` (nodejs/undici#4058); workerd
   * supports only `'manual'`.
   *
   * @default 'error'
   */
  readonly redirect?: 'error' | 'manual'
  /**
   * Whether `fetch` may decode an answer according to its `content-encoding`, as the `fetch` of every runtime does. Other transports hand
   * over the bytes that came, and an encoded answer is refused.
   *
   * @default false
   */
  readonly decodes?: boolean
  /**
   * Bytes of the longest document that a client over this transport reads, unless the client sets a limit of its own. A command sets it here
   * for all its connections. @default 67108864
   */
  readonly maxDocument?: number | undefined
  /**
   * The bearer token that `fetch` sends. Servers without OIDC silently give the public view to a client whose token they refuse, so the
   * client checks at its first call that the server accepts the token.
   *
   * @param refused the token that a server has just answered with 401; another one is tried then
   */
  token?(refused?: string): Promise<string>
  /**
   * Opens the WebSocket at a path such as `/1.0/events?type=operation`; absent if the runtime has none. If the server refuses the handshake,
   * the error has its `status`.
   */
  openMessages?(path: string, options: { signal?: AbortSignal | undefined }): Promise<MessageStream>
  /** The limits of clients that set none themselves; see `answerTimeout` of `createClient`. */
  readonly answerTimeout?: number | false | undefined
  /**
   * The addresses of the server, if it has several. Requests that could not be sent to one were then sent to another; if an answer is lost,
   * core finds out through another address what became of the request.
   */
  readonly addresses?: TransportAddresses | undefined
  /** Closes idle connections. */
  close?(): void
}
