import { allCases } from '../src/cases/all-cases.ts'
import { clusterCases } from '../src/cases/cluster.ts'
import { openClusterTarget } from '../src/harness/open-cluster-target.ts'
import { explainAbsence } from '../src/servers/explain-absence.ts'
import { runCases } from './run-cases.ts'

// The whole suite takes five minutes here, since each change is written by three members; these are the topics that a cluster may change.
const topics = [
  'server',
  'images',
  'upload',
  'export',
  'delete',
  'aliases',
  'from another server',
  'copy',
  'from an instance',
  'refresh',
  'operations',
  'events',
  'usage',
]

runCases('incus-7.0-cluster', () => openClusterTarget('incus-7.0'), explainAbsence('incus-7.0-cluster'), [
  ...allCases.filter(({ topic }) => topics.includes(topic)),
  ...clusterCases,
])
