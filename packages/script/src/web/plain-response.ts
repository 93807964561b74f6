import { type BodySource, PlainBody } from './plain-body.ts'
import { type HeadersSource, PlainHeaders } from './plain-headers.ts'

/** The part of `ResponseInit` that this client uses. */
export interface PlainResponseInit {
  status?: number | undefined
  statusText?: string | undefined
  headers?: HeadersSource
}

const reasonPattern = /^[\t\x20-\x7e\x80-\xff]*$/

/** `Response` as the Fetch standard has it, in plain JavaScript. */
export class PlainResponse extends PlainBody {
  readonly status: number
  readonly statusText: string
  readonly type = 'default'
  readonly redirected = false

  constructor(body?: BodySource, { status = 200, statusText = '', headers }: PlainResponseInit = {}) {
    if (!Number.isInteger(status) || status < 200 || status > 599)
      throw new RangeError(`Response: ${status} is not the status of an answer`)
    if (!reasonPattern.test(statusText))
      throw new TypeError('Response: the reason of the status has an invalid character')
    if ((body ?? null) !== null && [204, 205, 304].includes(status))
      throw new TypeError(`Response: an answer of status ${status} has no body`)
    super(body, new PlainHeaders(headers))
    this.status = status
    this.statusText = statusText
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300
  }

  get url(): string {
    return ''
  }

  clone(): PlainResponse {
    const { status, statusText, headers } = this
    return new PlainResponse(this.shareBody(), { status, statusText, headers })
  }

  get [Symbol.toStringTag](): string {
    return 'Response'
  }
}
