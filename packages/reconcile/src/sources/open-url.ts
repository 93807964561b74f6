import { createTransport } from '@hyperkit/connect'
import { type ErrorCode, HyperkitError, isHyperkitError, type Transport } from '@hyperkit/core'
import { discardBody, messageOf } from '@hyperkit/core/parts'
import { publicUrl } from '../identity/public-url.ts'
import type { OpenOptions } from './wrap-transport.ts'

export interface OpenUrlOptions extends OpenOptions {
  method: 'GET' | 'HEAD'
  headers?: Record<string, string>
  /** Whether plain http is allowed. */
  insecure: boolean
  signal: AbortSignal | undefined
  /** Milliseconds to wait for the response to begin. @default 60000 */
  patience?: number | undefined
}

export interface OpenedUrl {
  response: Response
  /** The URL after all redirects. */
  url: string
  /** Closes the connection, when the body has been read or is not needed. */
  close(): void
}

const mostRedirects = 10

/**
 * Sends a request to a web server, through the proxy of the environment, and with the certificates that the runtime trusts.
 * Redirects are followed, but from https to http only if `insecure` allows it.
 *
 * @throws {HyperkitError} `unreachable`, `timeout` and other errors of transports; no status is an error
 */
export async function openUrl(address: string, options: OpenUrlOptions): Promise<OpenedUrl> {
  let url = address
  for (let redirects = 0; ; redirects++) {
    refuseInsecure(address, url, options.insecure)
    const opened = await ask(url, options)
    const next = opened.response.headers.get('location')
    if (![301, 302, 303, 307, 308].includes(opened.response.status) || next === null) return opened
    await discardBody(opened.response)
    opened.close()
    if (redirects === mostRedirects || !URL.canParse(next, url))
      throw failed(address, 'unexpected-answer', 'it redirects too often, or to an invalid address')
    url = new URL(next, url).href
  }
}

async function ask(url: string, options: OpenUrlOptions): Promise<OpenedUrl> {
  const { method, headers, signal, patience = 60_000, wrapTransport } = options
  const { protocol, host, port, pathname, search } = new URL(url)
  // Transports are made for the API, whose default port is 8443.
  const origin = protocol === 'https:' && port === '' ? `https://${host}:443` : `${protocol}//${host}`
  // This limits only the wait for the response to begin, not the time that the body takes.
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(timedOut(url, 'it did not answer for', patience)), patience)
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

/** The error about a web server that sends nothing. */
export function timedOut(url: string, how: string, milliseconds: number): HyperkitError {
  return failed(url, 'timeout', `${how} ${milliseconds / 1000} seconds`)
}

function explain(url: string, error: unknown): Error {
  const why = messageOf(error)
  if (isHyperkitError(error, 'certificate-rejected')) return distrusted(url, error)
  if (isHyperkitError(error)) return error
  // OpenSSL's messages for a server that supports TLS 1.2 at most.
  if (/alert protocol version|UNSUPPORTED_PROTOCOL/i.test(why))
    return failed(
      url,
      'unexpected-answer',
      'it does not support TLS 1.3, and no older version is accepted',
      error,
    )
  return failed(url, 'unreachable', why, error)
}

/** The messages of each runtime for a certificate that is invalid whoever has signed it. */
const wrongForAll =
  /expired|altname|not valid|not yet valid|NotValidYet|does not match|NotValidForName|ERR_TLS_CERT/i

function distrusted(url: string, error: HyperkitError): HyperkitError {
  const { cause } = error
  const why = cause instanceof Error ? cause.message : error.message
  const advice = wrongForAll.test(why)
    ? ''
    : '; if you trust the authority that signed it, set NODE_EXTRA_CA_CERTS to the file with the certificate of that authority'
  return failed(url, 'certificate-rejected', `its certificate is not trusted (${why})${advice}`, error)
}

function refuseInsecure(address: string, url: string, insecure: boolean): void {
  const { protocol } = new URL(url)
  if (protocol === 'https:' || (protocol === 'http:' && insecure)) return
  const why = `it redirects to ${JSON.stringify(publicUrl(url))}, which is not https; add "insecure: true" to accept that`
  throw failed(address, 'unexpected-answer', why)
}

function failed(url: string, code: ErrorCode, why: string, cause?: unknown): HyperkitError {
  return new HyperkitError(code, `Cannot download ${JSON.stringify(publicUrl(url))}: ${why}`, {
    cause,
    server: new URL(url).host,
  })
}
