/** Which server is imitated. */
export type DialectKind = 'lxd' | 'incus'

/**
 * What `/wait` answers for a failed operation and for a wait whose time is over: the operation (`'state'`), or an error
 * envelope under HTTP 200 (`'error'`).
 */
export type WaitDialect = 'state' | 'error'

/** All that differs between LXD 5.0.2 and Incus 6.0.4 where a client can see it. */
export interface Dialect {
  readonly kind: DialectKind
  readonly serverVersion: string
  readonly apiExtensions: readonly string[]
  /** Before the names of upload headers, in lower case: `x-lxd-` in `X-LXD-fingerprint`. */
  readonly headerPrefix: 'x-lxd-' | 'x-incus-'
  /** Before the names of the headers of a url source: `LXD` in `LXD-Image-Hash`. */
  readonly urlHeaderPrefix: 'LXD' | 'Incus'
  readonly wait: WaitDialect
  /** `resources` of an operation that has none. */
  readonly noResources: null | Record<string, never>
  /** `expires_at` of an uploaded image whose metadata.yaml names no expiry. */
  readonly noExpiry: string
  /** `config` in the untrusted view of `GET /1.0`; LXD leaves it out. */
  readonly untrustedServer: { readonly config?: Record<string, never> }
  /** Sent with each export. */
  readonly exportHeaders: Readonly<Record<string, string>>
  /** Feature switches of a new project, and of `default`. */
  readonly projectFeatures: readonly string[]
  readonly defaultProjectFeatures: readonly string[]
  readonly productName: 'LXD' | 'Incus'
  /** Field of `POST /1.0/certificates` that carries a trust token. */
  readonly tokenField: 'password' | 'trust_token'
  /** Fields of `request` in the metadata of a trust token, beside those common to both. */
  readonly tokenRequest: Readonly<Record<string, string>>
  /** Of `source.protocol`; the first is the default. */
  readonly pullProtocols: readonly string[]
  /** Before the quoted server that a pull cannot reach. */
  readonly connectFailure: string
  /** Before `x509: …`. */
  readonly tlsErrorPrefix: string
  /** The answer to the removal of a project that has images. */
  readonly projectInUse: string
  /** The answer to a project that is there already. */
  readonly duplicateProject: { readonly status: number; readonly words: string }
  /** The words for the later one of two uploads of one image at a time. */
  readonly racingUpload: string
  /** Image objects name their project, and `all-projects` is known. */
  readonly imageHasProject: boolean
  /** The order of image listings changes from call to call (T25). */
  readonly randomOrder: boolean
  /** Booleans and numbers match in filters, and unknown fields are an error (T26). */
  readonly typedFilters: boolean
  /** Alias URLs are encoded twice (T21). */
  readonly doubleEncodedAliasUrls: boolean
  /** PATCH of an alias ends in `context deadline exceeded` and changes nothing (T9). */
  readonly aliasPatchFails: boolean
  /** An alias named "" answers 500 to PUT, POST and DELETE (T10). */
  readonly emptyAliasUnreachable: boolean
  /** 404 of a single image quotes what was asked for. */
  readonly quotesMissingImage: boolean
  /** 404 of a private image, to an untrusted client, names the whole fingerprint even if only a prefix was asked. */
  readonly revealsFingerprint: boolean
  /** 416 of an export announces the length of the whole file (T24). */
  readonly rangeErrorLies: boolean
  /** Status of an export whose file is gone (T5). */
  readonly lostFileStatus: 404 | 500
  /** Status of an image PUT that names an unknown profile. */
  readonly unknownProfileStatus: 400 | 500
  readonly unknownEventTypeStatus: 400 | 500
  readonly missingClientCertificateStatus: 400 | 403
  /** `core.trust_password` exists. */
  readonly trustPassword: boolean
  /** `…-aliases` and `…-profiles` headers of uploads are read. */
  readonly aliasHeaders: boolean
  /** Untrusted clients may list only the default project. */
  readonly untrustedDefaultProjectOnly: boolean
  /** A missing instance or bad compressor of a publish is refused at once, not in the operation. */
  readonly publishChecksFirst: boolean
  /** Properties of a publish are laid over those of the instance's image instead of replacing them. */
  readonly publishMergesProperties: boolean
  /** Pulling an image that is here already rewrites its record whatever was asked (T8), and fails if it has aliases (T7). */
  readonly repullResets: boolean
  readonly pullHonoursProfiles: boolean
  /** A pull without `server` ends the daemon (seen on 6.0.4). */
  readonly pullWithoutServerCrashes: boolean
  /** `image-created` comes twice for pulls and urls (T30). */
  readonly createdTwiceOnPull: boolean
  /** alias-created and alias-deleted events also when they come with their image. */
  readonly aliasEventsWithImage: boolean
  readonly lz4: boolean
  /** Certificates have a description. */
  readonly certificateDescription: boolean
  /** `GET /1.0` says who asks. */
  readonly showsUser: boolean
}
