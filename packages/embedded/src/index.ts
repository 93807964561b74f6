// A server
export {
  createImageServer,
  type Faults,
  type ImageServer,
  type ImageServerOptions,
} from './server/create-image-server.ts'
export {
  createImageCluster,
  type ImageCluster,
  type ImageClusterMember,
  type ImageClusterOptions,
} from './server/create-image-cluster.ts'
export type { Listening } from './server/listen.ts'
export type { ListenOptions } from './server/listen-options.ts'
export type { ImageStore } from './call/context.ts'
export type { ConnectionInfo } from './trust/peer.ts'
export type { SeededFiles, SeededInstance, SeededSnapshot } from './records/seeded-instance.ts'

// The versions that it imitates
export { type DialectName, dialects } from './dialect/dialects.ts'
export type { Dialect, DialectKind, Refusal, WaitDialect } from './dialect/dialect.ts'

// Where it stores its images
export { directoryStore } from './store/directory-store.ts'
export { memoryStore } from './store/memory-store.ts'
export type { DraftBlob, RecordKind, Store, StoredBlob } from './store/store.ts'

// Broken connections for tests
export { closeWithoutAnswer, isClosedWithoutAnswer } from './answer/close-without-answer.ts'

// Replay of recordings
export { type ReplayedServer, type ReplayOptions, replay } from './replay/replay.ts'
