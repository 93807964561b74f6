// The part of this package that works on an edge worker. Remotes and enrolment need files and a client certificate, so they are not here.

export type { ConnectOptions } from './connect.ts'
export { connect, createTransport } from './connect-edge.ts'
export type { OpenTransport } from './transport/open-transport.ts'
export type {
  SocketTransportOptions,
  TransportOptions,
  UrlTransportOptions,
} from './transport/transport-options.ts'
