import type { ServerMark } from '@hyperkit/connect'
import type { ServerInfo } from '@hyperkit/core'

/**
 * The identity of a server that was read: equal for two entries of the manifest that are surely the same server. The certificate decides,
 * together with the server's name, since standalone servers may share a wildcard certificate; the members of a cluster share theirs, and are
 * one server. Without anything seen, the address decides.
 */
export function identityOf(
  mark: ServerMark | undefined,
  { serverName, clustered }: Pick<ServerInfo, 'serverName' | 'clustered'>,
  address: string,
): string {
  if (mark === undefined) return address
  if (mark.kind === 'socket') return writeMark(mark)
  return clustered ? `${mark.fingerprint} (cluster)` : `${mark.fingerprint} (${serverName ?? address})`
}

/**
 * What a server says of itself, equal for all entries that lead to it, also over a socket or through a proxy. Anybody can say that, so it
 * is only believed where that spares something.
 */
export function claimOf({
  certificateFingerprint,
  serverName,
  clustered,
}: Pick<ServerInfo, 'certificateFingerprint' | 'serverName' | 'clustered'>): string | undefined {
  if (certificateFingerprint === undefined) return undefined
  return clustered ? certificateFingerprint : `${certificateFingerprint} (${serverName})`
}

/** What is kept of a mark to compare it with those of other entries. */
export function writeMark(mark: ServerMark): string {
  return mark.kind === 'socket' ? `socket ${mark.device}:${mark.inode}` : `certificate ${mark.fingerprint}`
}
