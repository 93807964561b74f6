export { createTransport } from './transport/create-transport.ts'
export type {
  BearerToken,
  ClientCertificate,
  Environment,
  SocketTransportOptions,
  TransportOptions,
  UrlTransportOptions,
} from './transport/transport-options.ts'
