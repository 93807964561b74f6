import type { Cluster, ClusterMember, Image } from '@hyperkit/core'

/** One thing that is right or wrong about a cluster. */
export interface ClusterFinding {
  status: 'ok' | 'warning' | 'problem'
  subject: string
  detail: string
}

/**
 * What there is to know about the cluster of a server: its members and their state, and which of them have the files of its images.
 * Nothing for a single server.
 *
 * @param images all images that the client sees
 *
 * @example
 * ```ts
 * for (const { detail } of judgeCluster(await client.cluster(), await client.images.list())) console.log(detail)
 * ```
 */
export function judgeCluster(
  cluster: Cluster,
  images: readonly Pick<Image, 'locations'>[],
): ClusterFinding[] {
  if (cluster.kind === 'single') return []
  if (cluster.kind === 'hidden') {
    const detail = `the server does not show this client the members of its cluster: ${cluster.reason}`
    return [{ status: 'warning', subject: 'cluster', detail }]
  }
  return [...judgeMembers(cluster.members), ...judgeFiles(cluster.members, images)]
}

function judgeMembers(members: readonly ClusterMember[]): ClusterFinding[] {
  const names = members.map(
    ({ name, roles }) => name + (roles.includes('database-leader') ? ' (leader)' : ''),
  )
  const detail = `${members.length} members: ${names.join(', ')}`
  const others = members.filter(({ state }) => state !== 'online')
  if (others.length === 0) return [{ status: 'ok', subject: 'cluster', detail: `${detail}; all are online` }]
  return [
    { status: 'ok', subject: 'cluster', detail },
    ...others.map(({ name, url, state, status, message }): ClusterFinding => {
      const words = `it is ${status.toLowerCase()}: ${message}`
      const subject = `cluster member "${name}" (${url})`
      return state === 'offline'
        ? {
            status: 'problem',
            subject,
            detail: `${words}; until it is started again, the cluster deletes no images`,
          }
        : { status: 'warning', subject, detail: words }
    }),
  ]
}

function judgeFiles(
  members: readonly ClusterMember[],
  images: readonly Pick<Image, 'locations'>[],
): ClusterFinding[] {
  const subject = 'image files'
  const located = images.flatMap(({ locations }) => (locations === undefined ? [] : [locations]))
  if (located.length === 0)
    return images.length === 0
      ? []
      : [{ status: 'ok', subject, detail: 'this server does not report which members have them' }]
  const counts = members.map(
    ({ name }) => `${name} has ${located.filter((names) => names.includes(name)).length}`,
  )
  const offline = members.filter(({ state }) => state === 'offline').map(({ name }) => name)
  const lost = located.filter((names) => names.every((name) => offline.includes(name))).length
  const single = located.filter((names) => names.length === 1).length
  const detail = `${located.length} ${located.length === 1 ? 'image' : 'images'}: ${counts.join(', ')}`
  if (lost > 0)
    return [
      {
        status: 'problem',
        subject,
        detail: `${detail}; ${lost} cannot be used, since only members that are offline have them: ${offline.join(', ')}`,
      },
    ]
  if (single > 0)
    return [{ status: 'warning', subject, detail: `${detail}; only one member has ${single} of them` }]
  return [{ status: 'ok', subject, detail }]
}
