import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { writePem } from '@hyperkit/core/parts'
import { fingerprintOfDer } from '../certificates/fingerprint-of-der.ts'
import type { UrlEndpoint } from './endpoint.ts'
import { connectTimeout, late } from './limit-connecting.ts'
import { openTunnel } from './open-tunnel.ts'
import type { TlsOptions } from './tls-options.ts'

export interface ShownCertificate {
  fingerprint: string
  pem: string
}

/**
 * Reads the certificate that a server presents. The connection makes the TLS handshake only and sends and reads nothing else, so it
 * may accept any certificate and leave the decision to the caller.
 *
 * @param trusted what verifies the certificate and its name already here
 */
export async function showCertificate(
  endpoint: UrlEndpoint,
  signal?: AbortSignal,
  trusted?: TlsOptions,
): Promise<ShownCertificate> {
  const host = endpoint.url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(endpoint.url.port || 443)
  const socket =
    endpoint.proxy === undefined ? undefined : await openTunnel(endpoint.proxy, host, port, signal)
  signal?.throwIfAborted()
  const options: ConnectionOptions = {
    ...(socket === undefined ? { host, port } : { socket }),
    ...(/[a-z]/i.test(host) && !host.includes(':') ? { servername: host } : {}),
    minVersion: 'TLSv1.3',
    ...(trusted === undefined ? { rejectUnauthorized: false } : { host, ...(trusted as ConnectionOptions) }),
  }
  return new Promise((resolve, reject) => {
    const connection = connectTls(options, () => {
      const raw = connection.getPeerCertificate()?.raw
      connection.destroy()
      if (raw === undefined) return reject(new Error('the server presented no certificate'))
      const der = new Uint8Array(raw)
      resolve({ fingerprint: fingerprintOfDer(der), pem: writePem(der) })
    })
    // A limit of silence would not end a handshake that goes on byte by byte.
    const timer = setTimeout(() => connection.destroy(late(connectTimeout)), connectTimeout)
    const stop = (): unknown => connection.destroy(new Error('interrupted'))
    signal?.addEventListener('abort', stop, { once: true })
    connection.on('error', reject)
    connection.on('close', () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
      reject(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' }))
    })
  })
}

/** The certificate that the first address which answers presents. */
export async function showFirst(
  endpoints: readonly [UrlEndpoint, ...UrlEndpoint[]],
  signal?: AbortSignal,
): Promise<ShownCertificate> {
  const [first, second, ...others] = endpoints
  if (second === undefined) return showCertificate(first, signal)
  return showCertificate(first, signal).catch((error: unknown) => {
    if (signal?.aborted) throw error
    return showFirst([second, ...others], signal)
  })
}
