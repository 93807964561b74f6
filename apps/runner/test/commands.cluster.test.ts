import { explainAbsence, startCluster } from '@hyperkit/conformance'
import { describeCluster } from './describe-cluster.ts'

const open = async () => {
  const cluster = await startCluster('incus-7.0')
  return { members: cluster.members, hasLocations: true, close: cluster.stop }
}

describeCluster('commands on a cluster of incus-7.0', open, explainAbsence('incus-7.0-cluster'))
