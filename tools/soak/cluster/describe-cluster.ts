import type { RunningCluster } from '@hyperkit/conformance'
import { connect } from '@hyperkit/connect'

/** What each member says of itself and of the others, and the end of its log. */
export async function describeCluster(cluster: RunningCluster): Promise<string> {
  const { members, serverCertificate, clientCertificate } = cluster
  const said = members.map(async ({ url }) => {
    const client = await connect({ url, serverCertificate, clientCertificate, answerTimeout: 5_000 })
    try {
      const { metadata } = await client.request({
        method: 'GET',
        path: '/1.0/cluster/members',
        query: { recursion: '1' },
      })
      const listed = metadata as { server_name: string; status: string; message: string; roles: string[] }[]
      return listed
        .map((each) => `${each.server_name} ${each.status} [${each.roles}] ${each.message}`)
        .join(', ')
    } catch (error) {
      return error
    } finally {
      client.close()
    }
  })
  const lines = (await Promise.all(said)).map((text, index) => `${members[index]?.name} says: ${text}`)
  const logs = await Promise.all(
    members.map(async (member) => {
      const last = (await member.readLog()).trimEnd().split('\n').slice(-3)
      return `${member.name} logged at last:\n${last.join('\n')}`
    }),
  )
  return [...lines, ...logs].join('\n')
}
