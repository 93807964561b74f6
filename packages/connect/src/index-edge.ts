// What an edge worker has of this package. Not here: remotes and enrolment, which take files and a client certificate.

export type { ConnectOptions } from './connect.ts'
export { connect, createTransport } from './connect-edge.ts'
export type {
  SocketTransportOptions,
  TransportOptions,
  UrlTransportOptions,
} from './transport/transport-options.ts'
