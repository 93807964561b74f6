// For those who talk to servers first; then what other packages of Hyperkit, and transports, are built from.

// A client, and how it reaches a server without sockets and certificates
export { type Client, type ClientOptions, createClient } from './client.ts'
export { type FetchTransportOptions, fetchTransport } from './transport/fetch-transport.ts'
export { createTokenSource } from './tokens/create-token-source.ts'
export { type MintTokenOptions, mintToken } from './tokens/mint-token.ts'
export { readTokenClaims, type TokenClaims } from './tokens/read-token-claims.ts'

// Images
export type { PublishOptions } from './images/create-from-instance.ts'
export type { CreateFromRemoteOptions, RemoteImage, RemoteProtocol } from './images/create-from-remote.ts'
export type { CreateFromUrlOptions } from './images/create-from-url.ts'
export type { CreateImageOptions } from './images/create-image.ts'
export type { ImageSecret } from './images/create-secret.ts'
export type {
  ExportImageOptions,
  ExportPart,
  ImageExport,
  SplitExport,
  UnifiedExport,
} from './images/export-image.ts'
export type { GetImageOptions } from './images/get-image.ts'
export type { ImageAttributes } from './images/image-attributes.ts'
export type { ImageFilter } from './images/image-filter.ts'
export type { Images, SyncOption } from './images/images.ts'
export type { ListImagesOptions } from './images/list-images.ts'
export type { ImagePatch } from './images/patch-image.ts'
export type { Refresh } from './images/refresh-image.ts'
export type { ImageChanges, UpdateImageOptions } from './images/update-image.ts'
export type { UploadImageOptions } from './images/upload-image.ts'
export type { SplitSource, UnifiedSource, UploadFile, UploadSource } from './images/upload-source.ts'
export type { Image, ImageAlias, ImageType, UpdateSource } from './model/image.ts'

// Aliases
export type { Aliases } from './aliases/aliases.ts'
export type { AliasAttributes } from './aliases/create-alias.ts'
export type { SetAlias } from './aliases/set-alias.ts'
export type { AliasChanges, UpdateAliasOptions } from './aliases/update-alias.ts'
export type { Alias } from './model/alias.ts'

// Operations
export type { ListOperationsOptions } from './operations/list-operations.ts'
export type { OperationHandle, Outcome } from './operations/operation-handle.ts'
export type { Operations } from './operations/operations.ts'
export type { WaitOptions } from './operations/wait-operation.ts'
export type { Operation, OperationState } from './model/operation.ts'
export type { Progress } from './model/progress.ts'

// Events
export type { EventsOptions } from './events/listen-events.ts'
export type { ConnectedEvent, ServerEvent } from './model/event.ts'

// Certificates and tokens that a server trusts
export type { Certificates } from './certificates/certificates.ts'
export type { CreateBearerTokenOptions, IssuedBearerToken } from './certificates/create-bearer-token.ts'
export type { CreateCertificateOptions } from './certificates/create-certificate.ts'
export type { CreateIdentityTokenOptions } from './certificates/create-identity-token.ts'
export type { CreateTokenOptions, TrustToken } from './certificates/create-token.ts'
export type { TrustedCertificate } from './model/certificate.ts'

// Copies between servers, and simplestreams servers
export { type CopiedImage, copyImage } from './copy/copy-image.ts'
export type { CopyImageOptions, CopyMode } from './copy/copy-options.ts'
export type { ResolveOptions } from './simplestreams/resolve-image.ts'
export {
  openSimplestreams,
  type Simplestreams,
  type SimplestreamsOptions,
} from './simplestreams/simplestreams.ts'
export type { StreamFile, StreamImage } from './simplestreams/stream-image.ts'

// What a server is, and what it lets a client see
export type { ServerInfo } from './model/server-info.ts'
export type { AliasNameRule, Dialect } from './model/dialect.ts'
export { dialects } from './model/dialect.ts'
export { explainAliasName, explainNewAlias, rulesOf, type ServerRules } from './model/server-rules.ts'
export { supports } from './model/supports.ts'
export type { View } from './model/view.ts'
export type { ViewOptions } from './http/read-view.ts'

// Requests of one's own
export type { Answer } from './http/answer.ts'
export type { Call, CallOptions } from './http/call.ts'

// Errors
export {
  ArgumentError,
  CertificateChangedError,
  CopyError,
  FingerprintMismatchError,
  OperationError,
  OutcomeUnknownError,
  type RequestFacts,
  ServerError,
  TransportError,
  TruncatedListError,
  UnsupportedError,
  UsageHiddenError,
} from './errors/errors.ts'
export { type ErrorCode, HyperkitError, isHyperkitError } from './errors/hyperkit-error.ts'

// For transports
export { authorize, type BearerToken, readToken } from './transport/bearer-token.ts'
export type { Identity } from './transport/identity.ts'
export { isLoopback } from './transport/is-loopback.ts'
export type { MessageStream, Transport, TransportInit } from './transport/transport.ts'

// For packages that check, hash and pass on what users and servers give
export { checkAliasName } from './arguments/alias-name.ts'
export { checkFingerprint, checkWholeFingerprint, isWholeFingerprint } from './arguments/fingerprint.ts'
export { detach } from './bytes/detach.ts'
export { passBytes, type Watch } from './bytes/pass-bytes.ts'
export { type ByteHash, createSha256 } from './bytes/sha256.ts'
export { isTransferable, markTransferable } from './bytes/transferable.ts'

// For recordings
export { hiddenText } from './tapes/hidden-text.ts'
export { type ReadTape, readTape } from './tapes/read-tape.ts'
export type {
  Exchange,
  MessageLine,
  MessagesHead,
  RecordedAnswer,
  RecordedBody,
  RecordedFailure,
  RecordedRequest,
  TapeServer,
} from './tapes/tape.ts'
