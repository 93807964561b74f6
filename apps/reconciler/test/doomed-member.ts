import type { ClusterMember, RunningCluster } from '@hyperkit/conformance'
import type { Transport } from '@hyperkit/core'
import { onTestFinished } from 'vitest'

/** The request at which a member dies. */
export interface Doom {
  method: string
  path: RegExp
  /** Something that its body has. */
  body?: string
  /** Whether the member dies before it gets the request, or after it has answered, without the answer. */
  when: 'before' | 'after'
}

export interface Doomed {
  leader: ClusterMember
  /** The addresses of the cluster, that of the leader first. */
  urls: string[]
  /** For every client that is to see the leader die. */
  wrapTransport(transport: Transport): Transport
  /** From now on the leader dies at this request. */
  doom(doom: Doom): void
  /** The leader dies now. */
  kill(): Promise<void>
  /** Starts it again. */
  revive(): Promise<void>
}

/** Lets the leader of a cluster die at a request. It is back when the test ends. */
export async function openDoomed(cluster: RunningCluster): Promise<Doomed> {
  const leader = await cluster.leader()
  let awaited: Doom | undefined
  let isDead = false
  const revive = async (): Promise<void> => {
    if (isDead) await leader.start()
    isDead = false
  }
  onTestFinished(revive)
  const kill = async (): Promise<void> => {
    isDead = true
    await leader.kill('SIGKILL')
  }
  return {
    leader,
    urls: [leader, ...cluster.members.filter((member) => member !== leader)].map(({ url }) => url),
    wrapTransport: (transport) => ({
      ...transport,
      async fetch(input, init) {
        const { method = 'GET', url } = typeof input === 'string' ? { ...init, url: input } : input
        const doom = awaited
        if (doom?.method !== method || !doom.path.test(new URL(url).pathname))
          return transport.fetch(input, init)
        const request = new Request(input, init as RequestInit)
        if (!(await request.clone().text()).includes(doom.body ?? '')) return transport.fetch(request)
        awaited = undefined
        if (doom.when === 'after') await (await transport.fetch(request)).body?.cancel()
        await kill()
        if (doom.when === 'before') return transport.fetch(request)
        throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
      },
    }),
    doom(next) {
      awaited = next
    },
    kill,
    revive,
  }
}
