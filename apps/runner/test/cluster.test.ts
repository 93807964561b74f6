import { chooseTargets, openEmbeddedCluster } from '@hyperkit/conformance'
import { describeCluster, type OpenCluster } from './describe-cluster.ts'

const open = async (version: 'incus-7.0' | 'lxd-6.9'): Promise<OpenCluster> => {
  const { members = [], close } = await openEmbeddedCluster(version)
  return { members, hasLocations: version === 'incus-7.0', close }
}

// LXD does not report where files are; beside that the clusters differ in their words only, so one of them is enough for Bun and Deno.
describeCluster('commands on an embedded cluster of incus-7.0', () => open('incus-7.0'))
for (const [title, version] of chooseTargets([['embedded cluster of lxd-6.9', 'lxd-6.9']] as const))
  describeCluster(`commands on an ${title}`, () => open(version))
