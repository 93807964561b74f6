import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createImageCluster, directoryStore, memoryStore } from '@hyperkit/embedded'
import { makeImage } from '../fixtures/make-image.ts'
import { makeCertificate } from '../servers/make-certificate.ts'
import { removeFolder } from '../servers/remove-folder.ts'
import type { ServerVersion } from '../servers/server-version.ts'
import { openEmbeddedTarget } from './open-embedded-target.ts'
import { seedInstance, uploadBase } from './seed-instance.ts'
import type { ClusterMember, Target } from './target.ts'

/**
 * A cluster of three servers in this process, one of which has its files in memory, and a single server as a source.
 *
 * @param replicas how many members have the files of an image
 */
export async function openEmbeddedCluster(version: ServerVersion, replicas = 1): Promise<Target> {
  const single = await openEmbeddedTarget(version)
  const directory = await mkdtemp(join(tmpdir(), 'hk-cluster-'))
  const onDisk = (name: string) => directoryStore(join(directory, name))
  const base = await makeImage({ directory, name: 'instance-base' })
  const cluster = await createImageCluster({
    dialect: version,
    store: onDisk('shared'),
    disks: [onDisk('m1'), onDisk('m2'), memoryStore()],
    instances: [seedInstance(base)],
    replicas,
    offlineAfter: 3000,
  })
  const client = makeCertificate({ name: 'hyperkit-trusted' })
  const untrusted = makeCertificate({ name: 'hyperkit-untrusted' })
  const members: ClusterMember[] = []
  for (const member of cluster.members) {
    const socket = join(directory, `${member.name}.socket`)
    const { url, certificate, fingerprint } = await member.listen({ https: {} })
    await member.listen({ socket })
    members.push({
      name: member.name,
      dialect: single.dialect,
      version,
      url,
      socket,
      serverCertificate: certificate,
      serverFingerprint: fingerprint,
      clientCertificate: { cert: client.cert, key: client.key },
      untrustedCertificate: { cert: untrusted.cert, key: untrusted.key },
      kill: () => member.kill(),
      start: () => member.start(),
    })
  }
  const [first, server] = members
  if (!first || !server) throw new Error('a cluster has three members')
  const body = JSON.stringify({ type: 'client', name: 'hyperkit', certificate: client.base64 })
  await cluster.members[0]?.fetch(new Request(`${first.url}/1.0/certificates`, { method: 'POST', body }))
  return {
    ...single,
    name: `embedded ${version}-cluster`,
    server,
    source: single.server,
    members,
    instance: () => uploadBase(first.socket, base),
    async close() {
      await cluster.close()
      await single.close()
      await removeFolder(directory)
    },
  }
}
