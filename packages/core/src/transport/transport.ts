import type { OwnBytes } from '../model/own-bytes.ts'
import type { Identity } from './identity.ts'

/** The part of `RequestInit` that a transport is given. TypeScript's own lacks `duplex`. */
export interface TransportInit {
  method: string
  headers: Headers
  body?: ReadableStream<Uint8Array> | OwnBytes | string | null
  redirect: 'error' | 'manual'
  signal?: AbortSignal | undefined
  duplex?: 'half'
}

/** Text messages of a WebSocket, in order; ends when the connection closes cleanly, throws when it breaks. */
export interface MessageStream extends AsyncIterable<string> {
  /** Closes the connection; the loop over the messages ends. */
  close(): void
}

/**
 * How requests reach one server: the single seam between this package and a runtime.
 *
 * A transport never follows redirects, never retries, sets no time limit of its own, streams both bodies, and rejects
 * with the signal's reason when it is aborted.
 */
export interface Transport {
  /** Scheme and authority, without a slash at the end: `https://10.1.0.7:8443`, or `http://unix.socket` for a socket. */
  readonly origin: string
  /** How errors name the server: a remote's name, a URL or a socket path. */
  readonly name: string
  /** As the global `fetch`: takes a global `Request` too, because ky hands one over. */
  fetch(input: Request | string, init?: Partial<TransportInit>): Promise<Response>
  /** As whom `fetch` shows itself, for errors that explain what a server does not show. @default unknown */
  readonly identity?: Identity
  /**
   * What stands in the requests: Node's own fetch keeps a copy of the whole body unless it is `'error'`
   * (nodejs/undici#4058); workerd knows only `'manual'`.
   *
   * @default 'error'
   */
  readonly redirect?: 'error' | 'manual'
  /**
   * The bearer token that `fetch` shows. Servers without OIDC answer a client whose token they refuse with the public view,
   * without a word; so where there is one, the client makes sure at its first call that the server takes it.
   *
   * @param refused the token that a server has just answered with 401; another one is tried
   */
  token?(refused?: string): Promise<string>
  /**
   * Opens the WebSocket at a path such as `/1.0/events?type=operation`; absent where the runtime cannot. Where the server
   * refuses the handshake, the error has its `status`.
   */
  openMessages?(path: string, options: { signal?: AbortSignal | undefined }): Promise<MessageStream>
  /** Ends idle connections. */
  close?(): void
}
