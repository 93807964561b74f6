export { allCases } from './cases/all-cases.ts'
export { clusterCases } from './cases/cluster.ts'
export { type MakeImageOptions, makeImage } from './fixtures/make-image.ts'
export { type MakeSplitImageOptions, makeSplitImage, type SplitImage } from './fixtures/make-split-image.ts'
export type { CaseContext } from './harness/case-context.ts'
export type { ConformanceCase } from './harness/conformance-case.ts'
export { type FailedCreations, failCreations } from './harness/fail-creations.ts'
export { type KnownGap, knownGaps } from './harness/known-gaps.ts'
export type { Need } from './harness/need.ts'
export { openClusterTarget } from './harness/open-cluster-target.ts'
export { openEmbeddedCluster } from './harness/open-embedded-cluster.ts'
export { openEmbeddedTarget } from './harness/open-embedded-target.ts'
export { openRealTarget } from './harness/open-real-target.ts'
export { explainSkip, runCase } from './harness/run-case.ts'
export type { OwnServer, ServerAccess, Target, TargetName } from './harness/target.ts'
export { chooseTargets } from './servers/choose-targets.ts'
export { type ClusterName, explainAbsence, isRequired } from './servers/explain-absence.ts'
export { type MadeCertificate, makeCertificate } from './servers/make-certificate.ts'
export { readServers } from './servers/read-servers.ts'
export { relayRequest } from './servers/relay-request.ts'
export { type RunningServer, ServerAbsentError, type ServerDescription } from './servers/running-server.ts'
export { type ServedProxy, serveProxy } from './servers/serve-proxy.ts'
export {
  type DaemonDialect,
  dialectOf,
  type ServerVersion,
  serverVersions,
} from './servers/server-version.ts'
export {
  type ClusterMember,
  type RunningCluster,
  type StartClusterOptions,
  startCluster,
} from './servers/start-cluster.ts'
export { explainRegistryAbsence } from './servers/find-registry.ts'
export { type Registry, registryUser, startRegistry } from './servers/start-registry.ts'
export { startServer } from './servers/start-server.ts'
export {
  type Simplestreams,
  type SimplestreamsOptions,
  startSimplestreams,
} from './servers/start-simplestreams.ts'
export { startUrlSource, type UrlSource, type UrlSourceOptions } from './servers/start-url-source.ts'
