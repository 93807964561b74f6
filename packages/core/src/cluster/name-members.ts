import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import type { ClusterMember } from '../model/cluster.ts'
import { readCluster } from './read-cluster.ts'

/** `member "m3" (https://10.1.0.7:8443)`, or `members "m2" (…) and "m3" (…)`. */
export function nameMembers(members: readonly Pick<ClusterMember, 'name' | 'url'>[]): string {
  const names = members.map(({ name, url }) => `"${name}"${url === '' ? '' : ` (${url})`}`)
  return `${names.length === 1 ? 'member' : 'members'} ${names.join(' and ')}`
}

/**
 * Which members of the cluster a failed call needs; undefined if that cannot be found out. A member that has just died is online by the
 * server's own account, so what the server said and where the image's files are counts too.
 *
 * @param words the server's own words
 * @param locations the members that have the image's files
 */
export async function nameMissing(
  connection: Connection,
  { words, locations }: { words: string; locations?: readonly string[] | undefined },
  { signal }: Pick<CallOptions, 'signal'>,
): Promise<string | undefined> {
  try {
    const cluster = await readCluster(connection, { signal })
    if (cluster.kind !== 'cluster') return undefined
    const missing = cluster.members.filter(
      (member) => locations?.includes(member.name) ?? (member.state === 'offline' || mentions(words, member)),
    )
    return missing.length === 0 ? undefined : nameMembers(missing)
  } catch {
    // The call has failed already, and this only explains it.
    signal?.throwIfAborted()
    return undefined
  }
}

/** Whether a text has the host and port of a member. */
export function mentions(words: string, { url }: Pick<ClusterMember, 'url'>): boolean {
  if (url === '') return false
  const { host } = new URL(url)
  return words.split(/(?:: |[\s"/])+/).includes(host)
}
