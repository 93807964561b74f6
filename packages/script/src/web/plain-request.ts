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
const methodPattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const forbiddenMethods = /^(?:connect|trace|track)$/i

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
    const { method = request?.method ?? 'GET', headers = request?.headers, body } = init
    if (!methodPattern.test(method) || forbiddenMethods.test(method))
      throw new TypeError(`Request: ${JSON.stringify(method)} is not a method that can be sent`)
    const url = request?.url ?? readUrl(String(input))
    const given = body ?? request?.giveBody()
    if ((given ?? null) !== null && /^(?:get|head)$/i.test(method))
      throw new TypeError(`Request: ${method} cannot have a body`)
    // ky finds out by this property whether bodies can be streams.
    if (body instanceof ReadableStream && init.duplex !== 'half')
      throw new TypeError('Request: a body that is a stream needs "duplex"')
    super(given, new PlainHeaders(headers))
    this.url = url
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

function readUrl(text: string): string {
  const url = new URL(text)
  if (url.username + url.password !== '')
    throw new TypeError(`Request: the URL of ${url.host} contains credentials`)
  return url.href
}
