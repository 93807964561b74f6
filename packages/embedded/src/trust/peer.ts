import { Failure } from '../answer/failure.ts'
import type { Dialect } from '../dialect/dialect.ts'
import type { Permission } from '../records/permission.ts'
import type { CertificateRecord, GroupRecord, IdentityRecord } from '../records/records.ts'
import type { Table } from '../records/table.ts'
import { identityOfBearerToken } from './bearer-token.ts'
import { certificateOfToken } from './certificate-of-token.ts'
import { fingerprintOfCertificate } from './fingerprint-of-certificate.ts'
import { may, type Rights } from './rights.ts'

/** How the peer of a request is connected. */
export interface ConnectionInfo {
  transport: 'unix' | 'http' | 'https'
  /** The rights of a peer over plain `http`. @default 'none' */
  trust?: 'admin' | 'none'
  /** The client's certificate: DER, PEM, or its SHA-256 (64 hex). */
  clientCertificate?: Uint8Array | string
  /** `host:port` of the peer, for events. */
  address?: string
  /** The request target as sent, because a URL collapses `..` in alias names. */
  target?: string
}

/** The requestor in operations and events. */
export interface Requestor {
  username: string
  protocol: string
  address: string
}

/** The sender of a request, and its rights. */
export interface Peer extends Rights {
  readonly identity: IdentityRecord | undefined
  readonly transport: ConnectionInfo['transport']
  readonly certificate: { fingerprint: string; der: Uint8Array | undefined } | undefined
  readonly requestor: Requestor
}

/** What is needed to recognise a peer. */
export interface Realm {
  certificates: Table<CertificateRecord>
  identities: Table<IdentityRecord>
  groups: Table<GroupRecord>
  dialect: Dialect
}

/**
 * Recognises the peer of a request. Without `info` the caller is the process itself and has full rights, as on the unix socket.
 *
 * @param token a bearer token, from the header or from `access_token` of the query
 * @throws {Failure} 403 for a bearer token of an identity that is not valid, or no longer (T71)
 */
export function identifyPeer(
  realm: Realm,
  info: ConnectionInfo | undefined,
  token: { header: string | null | undefined; query: string | null },
): Peer {
  const transport = info?.transport ?? 'unix'
  const certificate =
    info?.clientCertificate === undefined ? undefined : fingerprintOfCertificate(info.clientCertificate)
  const arrived = { transport, certificate }
  const address = info?.address ?? ''
  if (transport === 'unix' || info?.trust === 'admin') {
    const requestor = { username: 'root', protocol: 'unix', address: '@' }
    return { ...arrived, ...unlimited, trusted: true, requestor }
  }
  const entry = certificateOf(realm, certificate?.fingerprint, token)
  if (entry !== undefined) {
    const requestor = { username: entry.fingerprint, protocol: 'tls', address }
    const projects = entry.restricted ? entry.projects : undefined
    return { ...arrived, ...unlimited, trusted: true, projects, requestor }
  }
  const identity = identityOf(realm, certificate?.fingerprint, token.header)
  if (identity !== undefined) {
    const requestor = { username: identity.id, protocol: identity.method, address }
    const permissions = permissionsOf(realm, identity.groups)
    return { ...arrived, ...unlimited, trusted: true, identity, permissions, requestor }
  }
  const requestor = { username: certificate?.fingerprint ?? '', protocol: 'tls', address }
  return { ...arrived, ...unlimited, trusted: false, requestor }
}

const unlimited = { projects: undefined, permissions: undefined, identity: undefined }

function certificateOf(
  { certificates, dialect }: Realm,
  fingerprint: string | undefined,
  { header, query }: { header: string | null | undefined; query: string | null },
): CertificateRecord | undefined {
  const shown = fingerprint === undefined ? undefined : certificates.get(fingerprint)
  if (shown !== undefined || dialect.certificateTokens === 'none') return shown
  const asked = dialect.accessTokenQuery && query !== null ? `Bearer ${query}` : undefined
  return certificateOfToken(certificates, header ?? asked, dialect.certificateTokens)
}

function identityOf(
  { identities, dialect }: Realm,
  fingerprint: string | undefined,
  header: string | null | undefined,
): IdentityRecord | undefined {
  if (!dialect.identities) return undefined
  const shown = fingerprint === undefined ? undefined : identities.get(fingerprint)
  if (shown?.type === 'Client certificate') return shown
  if (!dialect.bearerIdentities) return undefined
  const spoken = identityOfBearerToken(identities, header)
  if (spoken instanceof Error) throw new Failure(403, `Failed verifying bearer token: ${spoken.message}`)
  return spoken
}

/** All permissions of these groups, without duplicates. */
export function permissionsOf({ groups }: Pick<Realm, 'groups'>, names: readonly string[]): Permission[] {
  const found = new Map<string, Permission>()
  for (const one of names.flatMap((name) => groups.get(name)?.permissions ?? []))
    found.set(JSON.stringify([one.entity_type, one.url, one.entitlement]), one)
  return [...found.values()]
}

/** Whether the peer may act in a project, or at least see it; otherwise it is untrusted there. */
export function mayUse(peer: Peer, project: string): boolean {
  return may(peer, 'can_view', project)
}

/** Whether the peer has fewer rights than an administrator. */
export function isLimited(peer: Peer): boolean {
  return peer.projects !== undefined || peer.permissions !== undefined
}
