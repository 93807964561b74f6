import { readServers } from '../servers/read-servers.ts'
import type { DaemonDialect, ServerVersion } from '../servers/server-version.ts'
import { startCluster } from '../servers/start-cluster.ts'
import { startServer } from '../servers/start-server.ts'
import { realTarget } from './open-real-target.ts'
import type { Target } from './target.ts'

/**
 * A member of a cluster that lives as long as the target, and a single server as a source of pulls. The member is not the one that keeps
 * the database, so that whatever it does goes through another one.
 *
 * @param wanted a version, or a kind for the program that `HYPERKIT_LXD` or `HYPERKIT_INCUS` names
 * @throws ServerAbsentError
 */
export async function openClusterTarget(wanted: DaemonDialect | ServerVersion): Promise<Target> {
  const given = readServers().find(({ version, dialect }) => version === wanted || dialect === wanted)
  const own = given === undefined ? await startServer(wanted) : undefined
  try {
    const cluster = await startCluster(wanted)
    const [, server] = cluster.members
    const source = given ?? own
    const target = realTarget({
      wanted,
      server,
      source,
      own: own === undefined ? [cluster] : [cluster, own],
    })
    return {
      ...target,
      name: `${server.version}-cluster`,
      members: cluster.members,
      lacks: {
        ...target.lacks,
        'other-kind': 'copies between LXD and Incus are tested on single servers',
        restart: 'the cases on restarts start a server of their own, which is no cluster',
      },
    }
  } catch (error) {
    await own?.stop()
    throw error
  }
}
