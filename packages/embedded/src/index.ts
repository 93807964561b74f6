export { closeWithoutAnswer, isClosedWithoutAnswer } from './answer/close-without-answer.ts'
export {
  createSelfSignedCertificate,
  type SelfSignedCertificate,
  type SelfSignedCertificateOptions,
} from './certificate/create-self-signed-certificate.ts'
export type { Dialect, DialectKind, Refusal, WaitDialect } from './dialect/dialect.ts'
export { type DialectName, dialects } from './dialect/dialects.ts'
export type { SeededFiles, SeededInstance, SeededSnapshot } from './handlers/instances/seeded-instance.ts'
export { type ReplayedServer, type ReplayOptions, replay } from './replay/replay.ts'
export {
  createImageServer,
  type Faults,
  type ImageServer,
  type ImageServerOptions,
} from './server/create-image-server.ts'
export type { Listening } from './server/listen.ts'
export type { ListenOptions } from './server/listen-options.ts'
export { directoryStore } from './store/directory-store.ts'
export { memoryStore } from './store/memory-store.ts'
export type { DraftBlob, RecordKind, Store, StoredBlob } from './store/store.ts'
export type { ConnectionInfo } from './trust/peer.ts'
