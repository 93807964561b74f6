// Clients
export { type ConnectOptions, connect, type RemoteOptions } from './connect.ts'

// Enrolment
export { type TrustByPassword, type TrustByToken, type TrustOptions, trust } from './trust/trust.ts'
export { parseTrustToken, type TrustToken } from './trust/trust-token.ts'
export { identifyServer, type ServerMark } from './trust/identify-server.ts'
export { readServerCertificate, type ServerCertificate } from './trust/read-server-certificate.ts'

// Certificates
export {
  createSelfSignedCertificate,
  type SelfSignedCertificate,
  type SelfSignedCertificateOptions,
} from './certificates/create-self-signed-certificate.ts'

// The configuration of the user's own clients
export {
  type AddRemoteOptions,
  addRemote,
  checkNewRemote,
  type NewRemote,
} from './configuration/add-remote.ts'
export {
  type CompareOptions,
  compareWithClient,
  type RemoteDifference,
} from './configuration/compare-with-client.ts'
export { type FindRemoteOptions, type FoundRemote, findRemote } from './configuration/find-remote.ts'
export { listRemotes } from './configuration/list-remotes.ts'
export {
  type ConfigurationOptions,
  readClientConfiguration,
} from './configuration/read-client-configuration.ts'
export type {
  ClientConfiguration,
  ClientName,
  DisabledRemote,
  Remote,
  RemoteEntry,
  UsableRemote,
} from './configuration/remote.ts'
export {
  type ResolvedRemote,
  type ResolveRemoteOptions,
  resolveRemote,
} from './configuration/resolve-remote.ts'

// Simplestreams servers behind remotes
export { fetchAsTold } from './streams/fetch-as-told.ts'
export { type FetchFromWebOptions, fetchFromWeb } from './streams/fetch-from-web.ts'
export { openRemoteStreams, type RemoteStreamsOptions } from './streams/open-remote-streams.ts'

// Registries of OCI images, with the user's own credentials
export {
  openRemoteRegistry,
  openUserRegistry,
  type RemoteRegistryOptions,
  type UserRegistryOptions,
} from './registries/open-remote-registry.ts'

// Transports, for programs that make clients by hand. createTransport() chooses the one of the runtime
export { createTransport } from './transport/create-transport.ts'
export type { OpenTransport } from './transport/open-transport.ts'
export type { ClientCertificate } from './certificates/client-certificate.ts'
export type {
  AddressSwitch,
  ClusterTransportOptions,
  Environment,
  OneAddressOptions,
  SocketTransportOptions,
  TransportOptions,
  UrlTransportOptions,
} from './transport/transport-options.ts'

// Recordings
export { createRecorder, type Recorder, type RecordOptions } from './recording/create-recorder.ts'
export { createRecorderIfAsked } from './recording/create-recorder-if-asked.ts'
export { recordTransport } from './recording/record-transport.ts'
export { recordIfAsked } from './recording/record-if-asked.ts'
