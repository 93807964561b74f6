import { fingerprintOfCertificate } from '../certificate/fingerprint-of-certificate.ts'
import type { CertificateRecord } from '../records/records.ts'
import type { Table } from '../records/table.ts'
import { certificateOfToken } from './certificate-of-token.ts'

/** How the peer of a request arrived. */
export interface ConnectionInfo {
  transport: 'unix' | 'http' | 'https'
  /** What plain `http` is worth. @default 'none' */
  trust?: 'admin' | 'none'
  /** The client's certificate: DER, PEM, or its SHA-256 (64 hex). */
  clientCertificate?: Uint8Array | string
  /** `host:port` of the peer, for events. */
  address?: string
  /** The request target as it was sent, because a URL collapses `..` in alias names. */
  target?: string
}

/** Who sends a request. */
export interface Peer {
  readonly trusted: boolean
  /** Projects of a restricted certificate; `undefined`: all. */
  readonly projects: readonly string[] | undefined
  readonly transport: ConnectionInfo['transport']
  readonly certificate: { fingerprint: string; der: Uint8Array | undefined } | undefined
  readonly requestor: { username: string; protocol: string; address: string }
}

/** What tells friends from strangers. */
export interface Realm {
  certificates: Table<CertificateRecord>
  dialect: { apiExtensions: readonly string[] }
}

/**
 * Without `info` the caller is the process itself, and may do everything, as on the unix socket.
 *
 * @param authorization the header, which only servers with `auth_tls_jwt` read
 */
export function identifyPeer(
  { certificates, dialect }: Realm,
  info: ConnectionInfo | undefined,
  authorization: string | null | undefined,
): Peer {
  const transport = info?.transport ?? 'unix'
  const certificate =
    info?.clientCertificate === undefined ? undefined : fingerprintOfCertificate(info.clientCertificate)
  const admin = transport === 'unix' || info?.trust === 'admin'
  const entry =
    (certificate && certificates.get(certificate.fingerprint)) ??
    (dialect.apiExtensions.includes('auth_tls_jwt')
      ? certificateOfToken(certificates, authorization)
      : undefined)
  return {
    trusted: admin || entry !== undefined,
    projects: !admin && entry?.restricted ? entry.projects : undefined,
    transport,
    certificate,
    requestor: admin
      ? { username: 'root', protocol: 'unix', address: '@' }
      : {
          username: entry?.fingerprint ?? certificate?.fingerprint ?? '',
          protocol: 'tls',
          address: info?.address ?? '',
        },
  }
}

/** Whether the peer may act in a project; a restricted certificate is a stranger outside its own. */
export function mayUse(peer: Peer, project: string): boolean {
  return peer.trusted && (peer.projects === undefined || peer.projects.includes(project))
}
