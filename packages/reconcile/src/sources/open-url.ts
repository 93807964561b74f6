import { createTransport } from '@hyperkit/connect'
import { type ErrorCode, HyperkitError, isHyperkitError, type Transport } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'
import { publicUrl } from '../identity/public-url.ts'
import type { OpenOptions } from './wrap-transport.ts'

export interface OpenUrlOptions extends OpenOptions {
  method: 'GET' | 'HEAD'
  headers?: Record<string, string>
  /** Whether plain http may be gone to. */
  insecure: boolean
  signal: AbortSignal | undefined
  /** Milliseconds until the answer begins. @default 60000 */
  patience?: number | undefined
}

export interface OpenedUrl {
  response: Response
  /** Where redirects led. */
  url: string
  /** Ends the connection, once its body is read or not wanted. */
  close(): void
}

const mostRedirects = 10

/**
 * Asks a web server, as whoever runs this: through the proxy of the environment, trusted as this runtime trusts web servers.
 * Redirects are followed, and never from https to http unless that is allowed.
 *
 * @throws {HyperkitError} `unreachable`, `timeout` and others of transports; any status is an answer
 */
export async function openUrl(address: string, options: OpenUrlOptions): Promise<OpenedUrl> {
  let url = address
  for (let redirects = 0; ; redirects++) {
    refuseInsecure(address, url, options.insecure)
    const opened = await ask(url, options)
    const next = opened.response.headers.get('location')
    if (![301, 302, 303, 307, 308].includes(opened.response.status) || next === null) return opened
    await opened.response.body?.cancel().catch(() => {})
    opened.close()
    if (redirects === mostRedirects || !URL.canParse(next, url))
      throw failed(address, 'unexpected-answer', `it is redirected without end, or to nowhere`)
    url = new URL(next, url).href
  }
}

async function ask(url: string, options: OpenUrlOptions): Promise<OpenedUrl> {
  const { method, headers, signal, patience = 60_000, wrapTransport } = options
  const { protocol, host, port, pathname, search } = new URL(url)
  // Transports are made for the API, whose port is another one where none is written.
  const origin = protocol === 'https:' && port === '' ? `https://${host}:443` : `${protocol}//${host}`
  // Of the beginning only: how long the body takes is another matter.
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(silent(url, 'it did not answer for', patience)), patience)
  let transport: Transport | undefined
  try {
    const plain = await createTransport({ url: origin })
    transport = wrapTransport?.(plain) ?? plain
    const asked = new Headers({ 'accept-encoding': 'identity', ...headers })
    const response = await transport.fetch(`${transport.origin}${pathname}${search}`, {
      method,
      headers: asked,
      redirect: 'manual',
      signal: signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]),
    })
    return { response, url, close: () => transport?.close?.() }
  } catch (error) {
    transport?.close?.()
    signal?.throwIfAborted()
    late.signal.throwIfAborted()
    throw explain(url, error)
  } finally {
    clearTimeout(timer)
  }
}

/** A web server that says nothing. */
export function silent(url: string, how: string, milliseconds: number): HyperkitError {
  return failed(url, 'timeout', `${how} ${milliseconds / 1000} seconds`)
}

function explain(url: string, error: unknown): Error {
  const why = messageOf(error)
  if (isHyperkitError(error, 'certificate-rejected')) return distrusted(url, error)
  if (isHyperkitError(error)) return error
  // OpenSSL's words for a server that has TLS 1.2 at most.
  if (/alert protocol version|UNSUPPORTED_PROTOCOL/i.test(why))
    return failed(url, 'unexpected-answer', 'it does not speak TLS 1.3, and nothing older is trusted', error)
  return failed(url, 'unreachable', why, error)
}

/** The words of each runtime for a certificate that is known to be wrong, whoever has signed it. */
const wrongForAll = /expired|altname|not valid|does not match|NotValidForName|ERR_TLS_CERT/i

function distrusted(url: string, error: HyperkitError): HyperkitError {
  const { cause } = error
  const why = cause instanceof Error ? cause.message : error.message
  const advice = wrongForAll.test(why)
    ? ''
    : '; if you trust who has signed it, name the file with the certificate of that authority in NODE_EXTRA_CA_CERTS'
  return failed(url, 'certificate-rejected', `its certificate is not trusted (${why})${advice}`, error)
}

function refuseInsecure(address: string, url: string, insecure: boolean): void {
  const { protocol } = new URL(url)
  if (protocol === 'https:' || (protocol === 'http:' && insecure)) return
  const why = `it is redirected to ${JSON.stringify(publicUrl(url))}, which is no https; add "insecure: true" if that is meant`
  throw failed(address, 'unexpected-answer', why)
}

function failed(url: string, code: ErrorCode, why: string, cause?: unknown): HyperkitError {
  return new HyperkitError(code, `Cannot download ${JSON.stringify(publicUrl(url))}: ${why}`, {
    cause,
    server: new URL(url).host,
  })
}
