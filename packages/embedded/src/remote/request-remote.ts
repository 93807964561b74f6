import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { PeerCertificate } from 'node:tls'
import { derOfPem } from '../trust/fingerprint-of-certificate.ts'

export interface RemoteRequest {
  method?: string
  headers?: Record<string, string>
  /** PEM of the server's own certificate; it replaces the system's authorities and the host name check. */
  certificate?: string
  body?: AsyncIterable<Uint8Array>
  signal?: AbortSignal
}

/** Bytes and headers of another server's answer. */
export type RemoteAnswer = IncomingMessage

/** One request to another server, over node:http, because only that pins a certificate on all runtimes. */
export function requestRemote(url: string, options: RemoteRequest = {}): Promise<RemoteAnswer> {
  return new Promise((resolve, reject) => {
    const settings = {
      method: options.method ?? 'GET',
      headers: options.headers ?? {},
      // A new connection for each request, so that none stays open when the server is closed.
      agent: false as const,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    }
    const request: ClientRequest = url.startsWith('https:')
      ? requestHttps(url, { ...settings, ...pinned(options.certificate) })
      : requestHttp(url, settings)
    request.once('response', resolve)
    request.once('error', reject)
    // Deno emits no error for an abort before the answer.
    options.signal?.addEventListener('abort', () => reject(options.signal?.reason), { once: true })
    if (options.body === undefined) request.end()
    else {
      // An early answer matters more than the broken pipe that follows it.
      pipeline(Readable.from(options.body), request).catch((error) => {
        setTimeout(() => reject(error), 100)
      })
    }
  })
}

function pinned(certificate: string | undefined): Record<string, unknown> {
  if (certificate === undefined || certificate === '') return {}
  const expected = derOfPem(certificate)
  return {
    ca: [certificate],
    checkServerIdentity: (_host: string, { raw }: PeerCertificate) =>
      Buffer.compare(raw, expected) === 0 ? undefined : new Error('certificate is not the pinned one'),
  }
}
