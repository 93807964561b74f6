import { readServers } from '../servers/read-servers.ts'
import type { ServerVersion } from '../servers/server-version.ts'
import { startCluster } from '../servers/start-cluster.ts'
import { startServer } from '../servers/start-server.ts'
import { realTarget } from './open-real-target.ts'
import type { Target } from './target.ts'

/**
 * A member of a cluster that lives as long as the target, and a single server as a source of pulls. The member is not the one that keeps
 * the database, so that whatever it does goes through another one.
 *
 * @throws ServerAbsentError
 */
export async function openClusterTarget(version: ServerVersion): Promise<Target> {
  const given = readServers().find((one) => one.version === version)
  const own = given === undefined ? await startServer(version) : undefined
  try {
    const cluster = await startCluster(version)
    const [, server] = cluster.members
    const source = given ?? own
    const target = realTarget({
      wanted: version,
      server,
      source,
      own: own === undefined ? [cluster] : [cluster, own],
    })
    return {
      ...target,
      name: `${version}-cluster`,
      members: cluster.members,
      lacks: {
        ...target.lacks,
        restart: 'the cases on restarts start a server of their own, which is no cluster',
      },
    }
  } catch (error) {
    await own?.stop()
    throw error
  }
}
