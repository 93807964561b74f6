import type { Client } from '@hyperkit/core'
import { parsePin } from '../certificates/parse-pin.ts'
import { knownEndpoints } from './endpoints.ts'

/** By what a server can be recognized, whatever it says of itself. */
export type ServerMark =
  /** SHA-256 of the certificate that it shows in the TLS handshake, 64 hex. Several servers may share a certificate. */
  | { kind: 'certificate'; fingerprint: string }
  /** Device and inode of its unix socket, equal for all paths to it. */
  | { kind: 'socket'; device: bigint; inode: bigint }

/**
 * Sees by what a server can be recognized. A pinned certificate is known without a request, since no other is accepted; otherwise a TLS
 * handshake is made, and nothing else is sent. The handshake has 10 seconds, and ends with the signal.
 *
 * @returns undefined if it cannot be seen: over plain http, on an edge worker, or when the server does not answer
 *
 * @example
 * ```ts
 * const mark = await identifyServer(await connect('prod'))
 * if (mark?.kind === 'certificate') console.log(mark.fingerprint)
 * ```
 */
export async function identifyServer(
  client: Client<boolean>,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<ServerMark | undefined> {
  const [endpoint, ...others] = knownEndpoints(client) ?? []
  if (endpoint === undefined) return undefined
  try {
    if (endpoint.kind === 'socket') {
      const { stat } = await import('node:fs/promises')
      const { dev, ino } = await stat(endpoint.socket, { bigint: true })
      return { kind: 'socket', device: dev, inode: ino }
    }
    if (!endpoint.secure) return undefined
    const { serverCertificate, name } = endpoint
    if (serverCertificate !== undefined)
      return { kind: 'certificate', fingerprint: parsePin(serverCertificate, name).fingerprint }
    const { showFirst } = await import('../transport/show-certificate.ts')
    return { kind: 'certificate', fingerprint: (await showFirst([endpoint, ...others], signal)).fingerprint }
  } catch {
    return undefined
  }
}
