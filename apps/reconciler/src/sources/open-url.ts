import { createTransport } from '@hyperkit/connect'
import { HyperkitError, isHyperkitError, type Transport } from '@hyperkit/core'

export interface OpenUrlOptions {
  method: 'GET' | 'HEAD'
  headers?: Record<string, string>
  /** Whether plain http may be gone to. */
  insecure: boolean
  signal: AbortSignal | undefined
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
 * Asks a web server, as whoever runs this: through the proxy of the environment, trusted as the system trusts. Redirects are
 * followed, and never from https to http unless that is allowed.
 *
 * @throws {HyperkitError} `unreachable` and others of transports; any status is an answer
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

async function ask(url: string, { method, headers, signal }: OpenUrlOptions): Promise<OpenedUrl> {
  const { protocol, host, port, pathname, search } = new URL(url)
  // Transports are made for the API, whose port is another one where none is written.
  const origin = protocol === 'https:' && port === '' ? `https://${host}:443` : `${protocol}//${host}`
  let transport: Transport | undefined
  try {
    transport = await createTransport({ url: origin })
    const asked = new Headers({ 'accept-encoding': 'identity', ...headers })
    const response = await transport.fetch(`${transport.origin}${pathname}${search}`, {
      method,
      headers: asked,
      redirect: 'manual',
      ...(signal === undefined ? {} : { signal }),
    })
    return { response, url, close: () => transport?.close?.() }
  } catch (error) {
    signal?.throwIfAborted()
    transport?.close?.()
    if (isHyperkitError(error)) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw failed(url, 'unreachable', why, error)
  }
}

function refuseInsecure(address: string, url: string, insecure: boolean): void {
  const { protocol } = new URL(url)
  if (protocol === 'https:' || (protocol === 'http:' && insecure)) return
  const why = `it is redirected to ${JSON.stringify(url)}, which is no https; add "insecure: true" if that is meant`
  throw failed(address, 'unexpected-answer', why)
}

function failed(
  url: string,
  code: 'unreachable' | 'unexpected-answer',
  why: string,
  cause?: unknown,
): HyperkitError {
  return new HyperkitError(code, `Cannot download ${JSON.stringify(url)}: ${why}`, {
    cause,
    server: new URL(url).host,
  })
}
