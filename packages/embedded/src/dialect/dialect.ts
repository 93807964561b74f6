/** LXD or Incus. */
export type DialectKind = 'lxd' | 'incus'

/**
 * What `/wait` answers for a failed operation and for a wait that times out (T2, T44): the operation (`'state'`), an
 * error envelope under HTTP 200 (`'error'`), or one under HTTP 500 (`'error-500'`).
 */
export type WaitDialect = 'state' | 'error' | 'error-500'

/** An error answer as data. `%s` is replaced by the subject, `%q` by the subject in double quotes. */
export interface Refusal {
  readonly status: number
  readonly words: string
}

/**
 * Everything that differs between the imitated servers and that a client can see: one flat field each, so that a version lists
 * only its differences from its predecessor.
 *
 * Text fields are templates: `%s` is replaced by the subject, `%q` by the subject in double quotes.
 */
export interface Dialect {
  readonly kind: DialectKind
  /** As reported by `GET /1.0`; LXD main also reports 6.9, and LXD 5.0.2+git reports 5.0.2. */
  readonly serverVersion: string
  /** `environment.server_lts`, which LXD has since 5.21; `undefined` before. */
  readonly serverLts: boolean | undefined
  readonly productName: 'LXD' | 'Incus'
  /** The extensions of the real server that this one implements; clients distinguish versions by their names. */
  readonly apiExtensions: readonly string[]
  readonly authMethods: readonly string[]

  // ---- Requests and answers

  /** Prefix of the upload headers, in lower case: `x-lxd-` in `X-LXD-fingerprint`. Headers with the other prefix are ignored (T16). */
  readonly headerPrefix: 'x-lxd-' | 'x-incus-'
  /** Messages of errors that have no specific one. LXD 5.21 and newer capitalise them. */
  readonly notFound: string
  readonly forbidden: string
  readonly notImplemented: string
  /** A path with `//`, `/./` or `/../` is answered by 307 and the clean path (T42), instead of 404. */
  readonly redirectsUncleanPaths: boolean
  /** A path below an image leads to the image, for every method (T32). */
  readonly belowImageIsImage: boolean
  /** `/1.0/containers` is another name of `/1.0/instances`. */
  readonly containersPath: boolean
  /** Maximum size of a request body in bytes, except for `POST /1.0/images` (T41). */
  readonly maxBody: number | undefined
  /** Which calls are refused if a browser sends `Sec-Fetch-Site: cross-site`. */
  readonly crossSiteRefused: 'all' | 'writes'

  // ---- GET /1.0

  /** `api_extensions` is null to untrusted clients (T34). */
  readonly hidesExtensions: boolean
  /** `config` in the untrusted view; LXD 5.0 has no such key. */
  readonly untrustedConfig: Readonly<Record<string, never>> | null | undefined
  /** `config` for a client with limited rights. */
  readonly limitedConfig: Readonly<Record<string, never>> | null
  /** `client_certificate` says whether the client showed a certificate, trusted or not. */
  readonly showsClientCertificate: boolean
  /** `auth_user_name` and `auth_user_method` are shown to trusted clients. */
  readonly showsUser: boolean

  // ---- Trust

  /** Fields of `POST /1.0/certificates` that carry a trust token. */
  readonly tokenFields: readonly ('password' | 'trust_token')[]
  /** `core.trust_password` exists. */
  readonly trustPassword: boolean
  /** The answer to any `password` (T58). */
  readonly passwordRefusal: Refusal | undefined
  /** Fields of `request` in the metadata of a trust token, besides those common to all. */
  readonly tokenRequest: Readonly<Record<string, string>>
  /** `description` of a trust token's operation. */
  readonly trustTokenDescription: string
  /** A trust token expires after 14 days; its metadata has `expiresAt`. */
  readonly trustTokenExpires: boolean
  /** The answer to a trusted client that enrols again. */
  readonly alreadyTrusted: Refusal
  /** A client that is already trusted uses up the token too (T63). */
  readonly trustedClientBurnsToken: boolean
  /** A name of another certificate or identity is refused, and the token is used up (T63). */
  readonly certificateNameTaken: Refusal | undefined
  /** Certificates have a description. */
  readonly certificateDescription: boolean
  /** An administrator may send a certificate as PEM. */
  readonly acceptsPemCertificates: boolean
  /** What the signature of a bearer token covers (T31): the text as sent, or Go's own text of the same claims. `none`: tokens are ignored. */
  readonly certificateTokens: 'none' | 'rewritten' | 'as-sent'
  /** Such a token is also accepted as `?access_token=`. */
  readonly accessTokenQuery: boolean
  /** Identities with fine-grained permissions: `/1.0/auth/…`. */
  readonly identities: boolean
  /** What `Location` of an enrolled identity contains: the fingerprint, or the id of the pending identity. */
  readonly enrolledLocation: 'fingerprint' | 'pending-id'
  /** Which identities have `expires_at`: none, the current one if it is a bearer identity, or all. */
  readonly identityExpiry: 'none' | 'current-bearer' | 'all'
  /** Message for an identity with groups that do not exist; `%s` are their names. */
  readonly unknownGroups: string
  /** Messages of the 404 of a missing group and of the 409 of an existing one; `%q` is the name. */
  readonly missingGroup: string
  readonly duplicateGroup: string
  /** Message for a used or unknown identity token. */
  readonly usedIdentityToken: string
  /** Bearer identities and their tokens. */
  readonly bearerIdentities: boolean

  // ---- Limited clients

  /** The image list of a project that a restricted certificate may not use; `default` still shows its public images. */
  readonly foreignImages: 'public' | Refusal
  /** The alias list of such a project. `%q` is the project, here and below. */
  readonly foreignAliases: 'empty' | Refusal
  /** The operation list of such a project: empty, or complete. */
  readonly foreignOperations: 'empty' | 'shown' | Refusal
  /** One operation of such a project. */
  readonly foreignOperation: 'shown' | Refusal
  /** The other lists of such a project: instances, profiles. */
  readonly foreignLists: 'empty' | Refusal
  /** The events of such a project. */
  readonly foreignEvents: 'shown' | Refusal
  /** Creating an alias in such a project. */
  readonly foreignAliasCreation: Refusal
  /** Any other request for such a project. */
  readonly foreignAccess: Refusal
  /** `GET /1.0/projects/<name>` of such a project. */
  readonly foreignProject: Refusal
  /** The images of all projects, requested by a restricted certificate; `own` includes the public ones of `default`. Incus also shows the private ones of `default`. */
  readonly restrictedAllImages: 'own' | 'own-and-all-of-default' | Refusal
  /** The instances of all projects, requested by a restricted certificate (T74). */
  readonly restrictedAllInstances: 'own' | Refusal
  /** Which certificates a restricted certificate sees. */
  readonly restrictedCertificates: 'all' | 'own'
  /** The answer to a restricted certificate that reads a trust token's operation. */
  readonly restrictedReadsTokens: 'allowed' | Refusal
  /** The list of storage pools, requested by a restricted certificate; shown without their configuration. */
  readonly restrictedPools: 'shown' | Refusal
  /** The usage of a volume without a size, whose pool cannot tell how much it uses: a `dir` pool without quotas. */
  readonly unmeasuredVolume: null | { readonly total: number } | Refusal
  /** The image list of a project other than `default`, for untrusted clients. */
  readonly untrustedForeignImages: 'public' | Refusal
  /** Lists of all projects, for untrusted clients; `public`: the public images of `default`. */
  readonly untrustedAllProjects: 'public' | Refusal
  /** Whether untrusted clients may GET and export public images, and aliases, of other projects. */
  readonly untrustedForeignImage: boolean

  // ---- Operations

  readonly wait: WaitDialect
  /** The headers of `/wait` are sent at once, before the operation has ended. */
  readonly waitHeadersAtOnce: boolean
  readonly operationIds: 'v4' | 'v7'
  /** `metadata` of an operation that has none. */
  readonly noMetadata: null | Readonly<Record<string, never>>
  /** `resources` of an operation that has none. */
  readonly noResources: null | Readonly<Record<string, never>>
  /** Operations list their subjects in `resources`; LXD 6 leaves them empty. */
  readonly operationResources: boolean
  /** Image URLs in `resources` have `?project=` if the project is not `default`. */
  readonly resourcesNameProject: boolean
  /** `metadata.entity_url`. */
  readonly operationEntityUrl: boolean
  readonly operationRequestor: boolean
  readonly operationErrCode: boolean
  readonly operationChildCount: boolean
  /** What can be cancelled: downloads and tokens, or every operation at any time (T54, T55). */
  readonly cancellable: 'while-downloading' | 'always'
  /** Progress is only in events (T56). */
  readonly progressInEventsOnly: boolean
  /** Downloads also have `progress`: stage, percent, processed, speed. */
  readonly downloadProgressObject: boolean
  /** `create_image_from_<this>_pack_progress`. */
  readonly packProgressStage: 'container' | 'instance'
  /** Operations that ran when the daemon was killed are listed as failures after its restart (T57). */
  readonly showsCrashedOperations: boolean
  /** `all-projects` of the operation list, requested by a restricted certificate: ignored, its own projects, or all. */
  readonly operationsOfAllProjects: 'ignored' | 'own' | 'all'
  /** The operation list of a project that does not exist. */
  readonly operationsOfUnknownProject: 'empty' | Refusal
  /** `description` of a push token's operation. */
  readonly pushTokenDescription: string
  /** The metadata of a push token has the fingerprint. */
  readonly pushTokenFingerprint: boolean
  /** Events do not have the description and the secret of a token's operation (T53). */
  readonly hidesTokensInEvents: boolean

  // ---- Events

  readonly eventTypes: readonly string[]
  readonly unknownEventType: Refusal
  readonly unknownEventProject: Refusal
  /** `image-created` is sent twice for pulls and url sources (T30). */
  readonly createdTwiceOnPull: boolean
  /** `image-alias-created` and `image-alias-deleted` are also sent for aliases created or deleted with their image. */
  readonly aliasEventsWithImage: boolean

  // ---- Projects

  /** Message of the 404 of image requests in a project that does not exist. */
  readonly unknownProject: string
  /** Feature switches of a new project, and of `default`. */
  readonly projectFeatures: readonly string[]
  readonly defaultProjectFeatures: readonly string[]
  /** The answer to deleting a project that has images. */
  readonly projectInUse: string
  /** The answer to creating a project that exists. */
  readonly duplicateProject: Refusal

  // ---- Clusters

  /** The roles of the member that keeps the database, and of the others. */
  readonly memberRoles: { readonly leader: readonly string[]; readonly other: readonly string[] }
  /** The answer about an operation or instance of a member that is down. */
  readonly memberUnavailable: string
  /** Whether the operations that a member had when it died are read, as running, until it is started again; nobody can wait for them or cancel them. */
  readonly operationsOfDeadMembers: 'shown' | 'unavailable'
  /** The error of a deletion while a member is down (T78): the placeholders are its name, if shown, and its address. */
  readonly peerDown: string
  /** The error of a deletion that was carried out on the other members only (T83): the placeholders are as above, and the reason. */
  readonly halfDeletion: string
  /** The error of a new image that a member which is down does not take: `%q` is its address, if shown, and `%s` the reason (T77). */
  readonly failedCopy: string
  /** A member without the file uses up the secret of an image, and the one that has the file then refuses it (T82). */
  readonly spendsSecretTwice: boolean
  /** The error of an image that another server has pushed and whose copies the other members refuse (T77): `%q` is the address of one. */
  readonly refusedCopy: string | undefined

  // ---- Reading images

  /** Image objects name their project. */
  readonly imageHasProject: boolean
  /** Image objects list the cluster members that have them: `locations`. */
  readonly imageLocations: boolean
  /** `update_source.image_registry`. */
  readonly sourceHasRegistry: boolean
  /** `all-projects` of the image list, and whether its URLs name other projects. */
  readonly imagesOfAllProjects: 'ignored' | 'plain-urls' | 'urls-with-project'
  /** A negative `recursion` lists whole objects. */
  readonly negativeRecursion: boolean
  /** The order of image listings changes from call to call (T25). */
  readonly randomOrder: boolean
  /** What filters compare: only text, so that other fields never match (T26); also numbers and booleans; or also lists. In the last two, unknown fields are an error. */
  readonly filterTypes: 'text' | 'scalars' | 'all'
  /** A filter on `aliases.*` closes the connection (T3) instead of failing with an error. */
  readonly filterPanics: boolean
  /** Prefix of the message about an invalid value in a filter. */
  readonly filterValueFailure: string
  /** What is accepted as a fingerprint in a path: anything, as a LIKE pattern (T12), or 12 to 64 lower-case hex digits. */
  readonly imageIds: 'pattern' | 'hex'
  /** Message for an id with other characters. */
  readonly imageIdNotHex: string
  /** Message of the 404 of GET and export; `%q` is the requested id. */
  readonly missingImage: string
  /** GET and export of an image in a missing project report a missing image, not a missing project. */
  readonly missingProjectIsImage: boolean
  /** Message of the 404 of requests that change an image; `%q` is the project. */
  readonly missingImageToChange: string
  /** The 404 of a private image shows an untrusted client the whole fingerprint even if it sent only a prefix. */
  readonly revealsFingerprint: boolean
  /** Sent with each export. */
  readonly exportHeaders: Readonly<Record<string, string>>
  /** The answer to several ranges of an export: 206 and multipart, or 200 and the whole file. */
  readonly severalRanges: 'multipart' | 'whole'
  /** The 416 of an export announces the length of the whole file (T24). */
  readonly rangeErrorLies: boolean
  /** Status of an export whose file is gone (T5). */
  readonly lostFileStatus: 404 | 500

  // ---- Changing images

  /** Text before the two ETags of a 412, which are joined by `vs`. */
  readonly etagMismatch: string
  /** Text after the two ETags. */
  readonly etagAdvice: string
  /** The answer to an image PUT with an unknown profile. */
  readonly unknownProfile: Refusal
  /** Only images in `default` can be public (T59). */
  readonly publicInDefaultOnly: boolean

  // ---- Creating images

  /** `expires_at` of an uploaded image whose metadata.yaml has no expiry. */
  readonly noExpiry: string
  readonly lz4: boolean
  /** How metadata.yaml is read: Incus 7 refuses duplicate keys, dates as properties, fractions (T43). */
  readonly yaml: 'lenient' | 'strict'
  /** Message for a metadata.yaml of more than 1 MiB. */
  readonly metadataTooLarge: string
  readonly unknownArchitecture: string
  /** Text before `got X expected Y`. */
  readonly fingerprintMismatch: string
  /** How the `…-aliases` and `…-profiles` headers of uploads are read; plain text is a single name. */
  readonly aliasHeader: 'ignored' | 'query' | 'query-or-plain'
  readonly profileHeader: 'ignored' | 'query' | 'query-or-plain'
  /** Message for an unknown profile of an upload or a pull. */
  readonly unknownProfileOfCreation: string
  /** Errors of the later of two concurrent uploads of one image, the most common first, and whether they have the fingerprint. */
  readonly racingUpload: readonly string[]
  readonly racingUploadFingerprint: boolean
  /** An upload while the same image is pulled (T5, T70): it succeeds and its file is lost, both succeed, or it waits. */
  readonly uploadDuringPull: 'loses-file' | 'succeeds' | 'waits'
  /** A push token without `properties`: the image gets none (T22), or the upload fails (T60). */
  readonly pushTokenWithoutProperties: 'none' | 'refused'

  // ---- Aliases

  /** Alias names are checked when an alias is created or renamed (T40). */
  readonly checksAliasNames: boolean
  /** Message of the 404 of a GET of an alias. */
  readonly missingAlias: string
  /** The answer to creating an alias without name or target. */
  readonly aliasIncomplete: string
  /** Alias URLs are encoded twice (T21). */
  readonly doubleEncodedAliasUrls: boolean
  /** PATCH of an alias fails with `context deadline exceeded` and changes nothing (T9). */
  readonly aliasPatchFails: boolean
  /** An alias named "" (T10): works like any other, answers 500 to PUT, POST and DELETE, or answers 404 to all methods. */
  readonly emptyAlias: 'reachable' | 'unchangeable' | 'unreachable'
  /** A raw slash in the path of an alias is part of its name. */
  readonly slashInAliasPath: boolean

  // ---- Pulling images

  /** Accepted values of `source.protocol`; the first is the default. */
  readonly pullProtocols: readonly string[]
  /** Message for another protocol; `%s` is the protocol. */
  readonly unknownProtocol: string
  /** A pull by alias with the other kind's protocol fails after the image was stored (T35). */
  readonly storesOwnProtocolOnly: boolean
  /** A pull first requests `GET /1.0` of its source. */
  readonly asksSourceFirst: boolean
  /** Prefix of the error of that request; `%q` is the server. */
  readonly connectFailure: string
  /** Message for a source that cannot be reached: the placeholders are `host:port` and `dial tcp …`. */
  readonly dialFailure: string
  /** Text before `x509: …`. */
  readonly tlsErrorPrefix: string
  /** Message for an invalid certificate of a source. */
  readonly badCertificate: string
  /** `source.server: ""` (T33): the operation fails, or the daemon ends, always or only with a whole fingerprint. */
  readonly emptyServer: 'fails' | 'crashes' | 'crashes-on-fingerprint'
  /** The error says whether the source has the name for the other instance type. */
  readonly namesOtherType: boolean
  /** Message for a name that a simplestreams source does not have. */
  readonly missingStreamImage: string
  /** Whether `description` of images from simplestreams has the variant: never, if it is not `default`, or always. */
  readonly streamDescription: 'plain' | 'variant' | 'release-variant'
  /** `combined_type` of a simplestreams item is read as the type of a combined tarball. */
  readonly combinedType: boolean
  /** A download of an image with the property `type: oci` is not compared with its fingerprint (T36). */
  readonly trustsRegistryImages: boolean
  /** Message for bytes with another fingerprint; `%s` are the two fingerprints. */
  readonly downloadMismatch: string
  /** Prefix of the headers of a url source: `LXD` in `LXD-Image-Hash`. */
  readonly urlHeaderPrefix: 'LXD' | 'Incus'
  /** The answer to a url source if they are not supported. */
  readonly urlRefusal: Refusal | undefined
  /** Pulling an existing image resets its flags: if the request names one, or always (T8, T69). */
  readonly repullResets: 'if-named' | 'always'
  /** Such a pull fails if the image has aliases (T7). */
  readonly repullClashesWithAliases: boolean
  /** `profiles` of a pull: ignored, or set. */
  readonly pullHonoursProfiles: boolean

  // ---- Pushing images

  /** A push connects to its target before it creates an operation, so that a failure answers 500. */
  readonly pushConnectsFirst: boolean
  /** A virtual machine image is pushed with its type (T52). */
  readonly pushesVirtualMachines: boolean

  // ---- Publishing instances

  /** A missing instance is refused at once, and not by the operation. */
  readonly publishFindsFirst: boolean
  /** Message for a missing instance; `%s` are instance and project. */
  readonly missingInstance: string
  readonly missingSnapshot: string
  /** Message for an unknown compression, and whether it is refused at once. */
  readonly unknownCompression: string
  readonly compressionCheckedFirst: boolean
  /** Arguments of a compression: any, or `-1` to `-9` and `--rsyncable` (T46). */
  readonly compressionArguments: 'free' | 'levels'
  /** `format` of a publish request is read. */
  readonly publishFormat: boolean
  /** Properties of a publish request are merged into those of the instance's image instead of replacing them. */
  readonly publishMergesProperties: boolean
}
