import { clusterCases } from '../src/cases/cluster.ts'
import { openEmbeddedCluster } from '../src/harness/open-embedded-cluster.ts'
import { runCases } from './run-cases.ts'

runCases('embedded lxd-6.9-cluster', () => openEmbeddedCluster('lxd-6.9'), undefined, clusterCases)
