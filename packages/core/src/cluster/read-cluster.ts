import * as v from 'valibot'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { type Cluster, clusterMemberSchema, readClusterMember } from '../model/cluster.ts'

/** The members of the server's cluster, as it reports them at this moment. A single server is asked nothing. */
export async function readCluster(connection: Connection, options: CallOptions = {}): Promise<Cluster> {
  const { signal } = options
  const { trusted, clustered } = await connection.server({ signal })
  // Strangers are not shown whether the server is clustered.
  if (!trusted) return { kind: 'hidden', reason: 'the server does not trust this client' }
  if (clustered === undefined)
    return { kind: 'hidden', reason: 'the server does not say whether it is a member of a cluster' }
  if (!clustered) return { kind: 'single' }
  try {
    const { value } = await connection.inAllProjects().read(v.array(clusterMemberSchema), {
      method: 'GET',
      path: '/1.0/cluster/members',
      query: { recursion: '1' },
      action: 'list the members of the cluster',
      signal,
    })
    const members = value.map(readClusterMember)
    return { kind: 'cluster', members: members.sort((a, b) => (a.name < b.name ? -1 : 1)) }
  } catch (error) {
    if (!isHyperkitError(error, 'not-authorized')) throw error
    return { kind: 'hidden', reason: error.message }
  }
}
