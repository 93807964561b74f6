import type { ObservedServer, ReadServer } from '../observed/observed.ts'

/** Whether two entries are surely the same server and project: what one has, the other has too. */
export function isSame(one: ReadServer, other: ObservedServer): other is ReadServer {
  return other.status === 'read' && one.identity === other.identity && mayShareImages(one, other)
}

/**
 * Whether two entries may be the same server and project. What a server says of itself is believed here: a proxy shows another certificate,
 * and a daemon can have two sockets. Otherwise, different certificates, or different sockets of servers that were read, are different servers.
 * An entry of which nothing was seen may be any server, and so may a socket beside a certificate.
 */
export function mayBeSame(one: ReadServer, other: ObservedServer): boolean {
  if (!mayShareImages(one, other)) return false
  if (other.status === 'read' && one.identity === other.identity) return true
  if (other.status === 'read' && one.claim !== undefined && one.claim === other.claim) return true
  if (one.mark === undefined || other.mark === undefined) return true
  if (one.mark !== other.mark) {
    const [kind, otherKind] = [one.mark, other.mark].map((mark) => mark.split(' ')[0])
    return kind !== otherKind || (kind === 'socket' && other.status === 'unread')
  }
  // Two servers that were read and share a certificate have different names, otherwise their identities would be equal.
  return other.status === 'unread'
}

function mayShareImages({ imagesProject }: ReadServer, other: ObservedServer): boolean {
  const there = other.status === 'read' ? other.imagesProject : undefined
  return imagesProject === undefined || there === undefined || imagesProject === there
}
