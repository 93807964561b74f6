/**
 * What a program needs to work with the images of an LXD or Incus server: a client, the types of its calls, copies between servers,
 * and the errors. The types of each call's options, and the parts for transports and other packages, are in `@hyperkit/core/parts`.
 *
 * @module
 */

// A client, and a transport without sockets and client certificates
export { type Client, type ClientOptions, createClient } from './client.ts'
export { fetchTransport } from './transport/fetch-transport.ts'
export type { Transport } from './transport/transport.ts'
export { createTokenSource } from './tokens/create-token-source.ts'

// What a server is, and how much of it a client sees
export type { ServerInfo } from './model/server-info.ts'
export { supports } from './model/supports.ts'
export type { Cluster, ClusterMember } from './model/cluster.ts'
export type { View } from './model/view.ts'

// Images and aliases
export type { Image, ImageAlias, ImageType } from './model/image.ts'
export type { ImageAttributes } from './images/image-attributes.ts'
export type { ImageFilter } from './images/image-filter.ts'
export type { ImageChanges } from './images/update-image.ts'
export type { UploadFile, UploadSource } from './images/upload-source.ts'
export type { ImageExport, SplitExport, UnifiedExport } from './images/export-image.ts'
export type { Alias } from './model/alias.ts'

// Operations and events
export type { OperationHandle } from './operations/operation-handle.ts'
export type { Operation } from './model/operation.ts'
export type { Progress } from './model/progress.ts'
export type { ConnectedEvent, ServerEvent } from './model/event.ts'

// Certificates and tokens that a server trusts
export type { TrustedCertificate } from './model/certificate.ts'

// Copies between servers, simplestreams servers, and registries of OCI images
export { type CopiedImage, copyImage } from './copy/copy-image.ts'
export type { CopyImageOptions } from './copy/copy-options.ts'
export { openSimplestreams, type Simplestreams } from './simplestreams/simplestreams.ts'
export type { StreamImage } from './simplestreams/stream-image.ts'
export { openRegistry, type Registry } from './registries/registry.ts'
export type { RegistryImage } from './registries/registry-image.ts'

// Errors
export { type ErrorCode, HyperkitError } from './errors/hyperkit-error.ts'
export { type ErrorWithCode, isHyperkitError } from './errors/is-hyperkit-error.ts'
export {
  ArgumentError,
  CertificateChangedError,
  ConflictError,
  CopyError,
  FingerprintMismatchError,
  NotFoundError,
  OperationError,
  OutcomeUnknownError,
  ServerError,
  TransportError,
  TruncatedListError,
  UnsupportedError,
  UsageHiddenError,
} from './errors/errors.ts'
