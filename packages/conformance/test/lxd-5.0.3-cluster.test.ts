import { clusterCases } from '../src/cases/cluster.ts'
import { openClusterTarget } from '../src/harness/open-cluster-target.ts'
import { explainAbsence } from '../src/servers/explain-absence.ts'
import { runCases } from './run-cases.ts'

runCases(
  'lxd-5.0.3-cluster',
  () => openClusterTarget('lxd-5.0.3'),
  explainAbsence('lxd-5.0.3-cluster'),
  clusterCases,
)
