import { type BodySource, PlainBody } from './plain-body.ts'
import { type HeadersSource, PlainHeaders } from './plain-headers.ts'

/** The part of `RequestInit` that this client uses. */
export interface PlainRequestInit {
  method?: string | undefined
  headers?: HeadersSource
  body?: BodySource
  redirect?: 'error' | 'follow' | 'manual' | undefined
  signal?: AbortSignal | null | undefined
  /** Needed with a stream. */
  duplex?: 'half' | undefined
}

// The standard changes only these to capital letters.
const usual = /^(?:delete|get|head|options|post|put)$/i

/**
 * `Request` as the Fetch standard has it, in plain JavaScript. Its signal is the one that it was given, so that nothing has to pass an abort
 * on.
 */
export class PlainRequest extends PlainBody {
  readonly url: string
  readonly method: string
  readonly redirect: 'error' | 'follow' | 'manual'
  readonly signal: AbortSignal

  constructor(input: string | URL | PlainRequest, init: PlainRequestInit = {}) {
    const request = input instanceof PlainRequest ? input : undefined
    const { method = request?.method ?? 'GET', body } = init
    if ((body ?? null) !== null && /^(?:get|head)$/i.test(method))
      throw new TypeError(`Request: ${method} cannot have a body`)
    // ky finds out by this property whether bodies can be streams.
    if (body instanceof ReadableStream && init.duplex !== 'half')
      throw new TypeError('Request: a body that is a stream needs "duplex"')
    super(body === undefined ? request?.body : body, new PlainHeaders(init.headers ?? request?.headers))
    this.url = request?.url ?? new URL(String(input)).href
    this.method = usual.test(method) ? method.toUpperCase() : method
    this.redirect = init.redirect ?? request?.redirect ?? 'follow'
    this.signal = init.signal ?? request?.signal ?? new AbortController().signal
  }

  clone(): PlainRequest {
    return new PlainRequest(this.url, {
      method: this.method,
      headers: this.headers,
      body: this.shareBody(),
      redirect: this.redirect,
      signal: this.signal,
      duplex: 'half',
    })
  }

  get [Symbol.toStringTag](): string {
    return 'Request'
  }
}
