import { clusterCases } from '../src/cases/cluster.ts'
import { openEmbeddedCluster } from '../src/harness/open-embedded-cluster.ts'
import { runCases } from './run-cases.ts'

runCases('embedded incus-7.0-cluster', () => openEmbeddedCluster('incus-7.0'), undefined, clusterCases)
