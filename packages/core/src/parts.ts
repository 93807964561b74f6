/**
 * The types of each call's options and results, and the parts from which transports, recorders and the other packages of Hyperkit are
 * built. Everything except the types of a client's calls may change in a minor version.
 *
 * @example
 * ```ts
 * import { createClient, fetchTransport, type Transport } from '@hyperkit/core'
 * import type { TransportInit } from '@hyperkit/core/parts'
 *
 * // A transport around another one, which prints how long each answer took.
 * function timed(inner: Transport): Transport {
 *   return {
 *     ...inner,
 *     async fetch(input: Request | string, init?: Partial<TransportInit>) {
 *       const begun = Date.now()
 *       const answer = await inner.fetch(input, init)
 *       console.log(answer.status, `${Date.now() - begun} ms`)
 *       return answer
 *     },
 *   }
 * }
 *
 * const client = createClient({ transport: timed(fetchTransport('https://images.example.org:8443')) })
 * console.log((await client.images.list()).length)
 * ```
 *
 * @module
 */

// Groups of a client's calls
export type { Images, SyncOption } from './images/images.ts'
export type { Aliases } from './aliases/aliases.ts'
export type { Operations } from './operations/operations.ts'
export type { Certificates } from './certificates/certificates.ts'

// Options and results of calls: images
export type { ListImagesOptions } from './images/list-images.ts'
export type { GetImageOptions } from './images/get-image.ts'
export type { CreateImageOptions } from './images/create-image.ts'
export type { UploadImageOptions } from './images/upload-image.ts'
export type { FirstState } from './images/push-token.ts'
export type { SplitSource, UnifiedSource } from './images/upload-source.ts'
export type { CreateFromRemoteOptions, RemoteImage, RemoteProtocol } from './images/create-from-remote.ts'
export type { CreateFromUrlOptions } from './images/create-from-url.ts'
export type { PublishOptions } from './images/create-from-instance.ts'
export type { UpdateImageOptions } from './images/update-image.ts'
export type { ImagePatch } from './images/patch-image.ts'
export type { ImageSecret } from './images/create-secret.ts'
export type { Refresh } from './images/refresh-image.ts'
export type { ExportImageOptions, ExportPart } from './images/export-image.ts'
export type { UpdateSource } from './model/image.ts'

// Options and results of calls: aliases, operations, events
export type { AliasAttributes } from './aliases/create-alias.ts'
export type { SetAlias } from './aliases/set-alias.ts'
export type { AliasChanges, UpdateAliasOptions } from './aliases/update-alias.ts'
export type { ListOperationsOptions } from './operations/list-operations.ts'
export type { WaitOptions } from './operations/wait-operation.ts'
export type { Outcome } from './operations/operation-handle.ts'
export type { OperationState } from './model/operation.ts'
export type { EventsOptions } from './events/listen-events.ts'

// Options and results of calls: certificates and tokens that a server trusts
export type { CreateBearerTokenOptions, IssuedBearerToken } from './certificates/create-bearer-token.ts'
export type { CreateCertificateOptions } from './certificates/create-certificate.ts'
export type { CreateIdentityTokenOptions } from './certificates/create-identity-token.ts'
export type { CreateTokenOptions, TrustToken } from './certificates/create-token.ts'

// Options and results of calls: copies and simplestreams servers
export type { CopyMode } from './copy/copy-options.ts'
export type { SimplestreamsOptions } from './simplestreams/simplestreams.ts'
export type { ResolveOptions } from './simplestreams/resolve-image.ts'
export type { StreamFile } from './simplestreams/stream-image.ts'
export { dockerHubHosts } from './model/docker-hub.ts'
export { requireRegistries } from './http/require-registries.ts'
export { isDigest, parseImageName, pinnedName } from './registries/image-name.ts'
export { fingerprintOfLayers } from './registries/registry-image.ts'
export type { RegistryOptions } from './registries/registry.ts'
export type { RegistryCredentials, RegistryDocuments, RegistryLimits } from './registries/registry-place.ts'
export type { ResolveRegistryOptions } from './registries/resolve-registry-image.ts'

// Options and results of calls: any request
export type { Answer } from './http/answer.ts'
export type { Call, CallOptions } from './http/call.ts'
export type { ViewOptions } from './http/read-view.ts'
export type { RequestFacts } from './errors/errors.ts'

// Differences between LXD and Incus
export { type AliasNameRule, type Dialect, dialects } from './model/dialect.ts'
export { explainAliasName, explainNewAlias, rulesOf, type ServerRules } from './model/server-rules.ts'

// For transports
export type { MessageStream, TransportAddresses, TransportInit } from './transport/transport.ts'
export type { FetchTransportOptions } from './transport/fetch-transport.ts'
export { authorize, type BearerToken, readToken } from './transport/bearer-token.ts'
export type { Identity } from './transport/identity.ts'
export { isLoopback } from './transport/is-loopback.ts'
export { type MintTokenOptions, mintToken } from './tokens/mint-token.ts'
export { readTokenClaims, type TokenClaims } from './tokens/read-token-claims.ts'
export { writeDer } from './tokens/der.ts'
export { writePem } from './tokens/write-pem.ts'

// For packages that check, hash and pass on data of users and servers
export { checkAliasName } from './arguments/alias-name.ts'
export { checkFingerprint, checkWholeFingerprint, isWholeFingerprint } from './arguments/fingerprint.ts'
export { detach } from './bytes/detach.ts'
export { discardBody } from './http/discard-body.ts'
export { pause } from './http/pause.ts'
export { readClock } from './http/read-clock.ts'
export { readText, type ReadTextOptions } from './http/read-text.ts'
export { untilAborted } from './http/until-aborted.ts'
export { keeperOf } from './model/project-features.ts'
export { mayCreateImage } from './operations/may-create-image.ts'
export { type CreatedImage, holdCreation } from './operations/own-creations.ts'
export { messageOf } from './model/message-of.ts'
export { saysThat, type ServerMeaning } from './model/server-words.ts'
export { shortFingerprint } from './model/short-fingerprint.ts'
export { passBytes } from './bytes/pass-bytes.ts'
export type { Watch } from './bytes/watch.ts'
export { type Chunks, chunksOf } from './bytes/chunks-of.ts'
export { offerPieces } from './bytes/offered-pieces.ts'
export type { PieceSource } from './bytes/piece-source.ts'
export { readPieces } from './bytes/read-pieces.ts'
export { countProgress, type ReportProgress } from './bytes/count-progress.ts'
export { boundaryOf, MultipartEndError, type ReadPart, readMultipart } from './bytes/read-multipart.ts'
export { type ByteHash, createSha256 } from './bytes/sha256.ts'
export { isTransferable, markTransferable } from './bytes/transferable.ts'

// Aliases and locks
export { listAliasNames } from './aliases/list-alias-names.ts'
export { type AliasPlace, postAlias } from './aliases/post-alias.ts'
export { holdLock, type HoldLockOptions, type Lock, removeLock } from './locks/hold-lock.ts'
export { lease, limitLease, type LockHolder, readHolder, writeHolder } from './locks/lock-holder.ts'
export {
  deleteUnderLock,
  type DeleteUnderLockOptions,
  type DeletionPlace,
} from './locks/delete-under-lock.ts'
export { aliasLock, deletionLock, isLockAlias } from './locks/deletion-lock.ts'
export type { LockPlace } from './locks/lock-place.ts'
export { pointAlias, type PointAliasOptions } from './locks/point-alias.ts'
export { clearExpiredLocks, outlastDeletion, type OutlastDeletionOptions } from './locks/outlast-deletion.ts'

// For recordings
export { hiddenText } from './tapes/hidden-text.ts'
export { hideSecrets } from './model/hide-secrets.ts'
export { writeOut } from './model/write-out.ts'
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
