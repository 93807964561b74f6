/** LXD or Incus. */
export type DialectKind = 'lxd' | 'incus'

/**
 * What `/wait` answers for a failed operation and for a wait whose time is over (T2, T44): the operation (`'state'`), an
 * error envelope under HTTP 200 (`'error'`), or one under HTTP 500 (`'error-500'`).
 */
export type WaitDialect = 'state' | 'error' | 'error-500'

/** An error answer as data. `%s` stands for what it is about, `%q` for that in double quotes. */
export interface Refusal {
  readonly status: number
  readonly words: string
}

/**
 * All that differs between the imitated servers as far as a client can see it: one flat field each, so that a version says
 * only what it does unlike its predecessor.
 *
 * Fields of words are templates: `%s` stands for what they are about, `%q` for that in double quotes.
 */
export interface Dialect {
  readonly kind: DialectKind
  /** As `GET /1.0` tells it; LXD main says 6.9 too, and LXD 5.0.2+git 5.0.2. */
  readonly serverVersion: string
  /** `environment.server_lts`, which LXD has since 5.21; `undefined` before. */
  readonly serverLts: boolean | undefined
  readonly productName: 'LXD' | 'Incus'
  /** Those of the real server that this one can keep; the names are what clients tell versions apart by. */
  readonly apiExtensions: readonly string[]
  readonly authMethods: readonly string[]

  // ---- Requests and answers

  /** Before the names of upload headers, in lower case: `x-lxd-` in `X-LXD-fingerprint`. The other prefix is not seen (T16). */
  readonly headerPrefix: 'x-lxd-' | 'x-incus-'
  /** Texts of the errors that have none of their own. LXD 5.21 and newer write them in capitals. */
  readonly notFound: string
  readonly forbidden: string
  readonly notImplemented: string
  /** A path with `//`, `/./` or `/../` is answered by 307 and the clean path (T42), instead of 404. */
  readonly redirectsUncleanPaths: boolean
  /** Whatever stands below an image is the image, for every method (T32). */
  readonly belowImageIsImage: boolean
  /** `/1.0/containers` is another name of `/1.0/instances`. */
  readonly containersPath: boolean
  /** Bytes that a body may have, except that of `POST /1.0/images` (T41). */
  readonly maxBody: number | undefined
  /** Which calls a browser's `Sec-Fetch-Site: cross-site` is refused for. */
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
  /** Trusted clients are told `auth_user_name` and `auth_user_method`. */
  readonly showsUser: boolean

  // ---- Trust

  /** Fields of `POST /1.0/certificates` that carry a trust token. */
  readonly tokenFields: readonly ('password' | 'trust_token')[]
  /** `core.trust_password` exists. */
  readonly trustPassword: boolean
  /** The answer to any `password` (T58). */
  readonly passwordRefusal: Refusal | undefined
  /** Fields of `request` in the metadata of a trust token, beside those common to all. */
  readonly tokenRequest: Readonly<Record<string, string>>
  /** `description` of the operation that is a trust token. */
  readonly trustTokenDescription: string
  /** A trust token ends after 14 days, and its metadata says when: `expiresAt`. */
  readonly trustTokenExpires: boolean
  /** What a trusted client that enrols again is told. */
  readonly alreadyTrusted: Refusal
  /** A token is used up also by a client that is trusted already (T63). */
  readonly trustedClientBurnsToken: boolean
  /** A name that another certificate or identity has is refused, and the token is used up (T63). */
  readonly certificateNameTaken: Refusal | undefined
  /** Certificates have a description. */
  readonly certificateDescription: boolean
  /** An administrator may send a certificate as PEM. */
  readonly acceptsPemCertificates: boolean
  /** What a bearer token must be signed over (T31): its text as sent, or Go's own text of the same claims. `none`: not read. */
  readonly certificateTokens: 'none' | 'rewritten' | 'as-sent'
  /** Such a token may also come as `?access_token=`. */
  readonly accessTokenQuery: boolean
  /** Identities with fine-grained permissions: `/1.0/auth/…`. */
  readonly identities: boolean
  /** Where `Location` of an enrolled identity leads: to the fingerprint, or to the id of the pending identity. */
  readonly enrolledLocation: 'fingerprint' | 'pending-id'
  /** Where `expires_at` is: nowhere, in the current identity if that is a bearer, or in every identity. */
  readonly identityExpiry: 'none' | 'current-bearer' | 'all'
  /** Text for groups that do not exist, when an identity is to have them; `%s` are their names. */
  readonly unknownGroups: string
  /** Texts of the 404 of a group, and of the 409 of one that exists; `%q` is the name. */
  readonly missingGroup: string
  readonly duplicateGroup: string
  /** Text for a token of an identity that is used or unknown. */
  readonly usedIdentityToken: string
  /** Bearer identities and their tokens. */
  readonly bearerIdentities: boolean

  // ---- Limited clients

  /** The image list of a project that a restricted certificate has no right to; default shows its public images anyway. */
  readonly foreignImages: 'public' | Refusal
  /** The alias list of such a project. `%q` is the project here and below. */
  readonly foreignAliases: 'empty' | Refusal
  /** The operation list of such a project: empty, or all after all. */
  readonly foreignOperations: 'empty' | 'shown' | Refusal
  /** One operation of it. */
  readonly foreignOperation: 'shown' | Refusal
  /** Its other lists: instances, profiles. */
  readonly foreignLists: 'empty' | Refusal
  /** Its events. */
  readonly foreignEvents: 'shown' | Refusal
  /** Creating an alias in it. */
  readonly foreignAliasCreation: Refusal
  /** Whatever else is asked of it. */
  readonly foreignAccess: Refusal
  /** `GET /1.0/projects/<name>` of it. */
  readonly foreignProject: Refusal
  /** A list of images over all projects, asked for by a restricted certificate; `own`: with the public ones of default. Incus shows the private ones of default, too. */
  readonly restrictedAllImages: 'own' | 'own-and-all-of-default' | Refusal
  /** A list of instances over all projects, asked for by a restricted certificate (T74). */
  readonly restrictedAllInstances: 'own' | Refusal
  /** A restricted certificate sees all certificates, or its own. */
  readonly restrictedCertificates: 'all' | 'own'
  /** A restricted certificate that reads the operation of a trust token. */
  readonly restrictedReadsTokens: 'allowed' | Refusal
  /** Untrusted clients and the image list of a project other than default. */
  readonly untrustedForeignImages: 'public' | Refusal
  /** Untrusted clients and lists over all projects; `public`: those of default. */
  readonly untrustedAllProjects: 'public' | Refusal
  /** Whether untrusted clients may GET and export public images, and aliases, of other projects. */
  readonly untrustedForeignImage: boolean

  // ---- Operations

  readonly wait: WaitDialect
  /** The headers of `/wait` come at once, before the operation has ended. */
  readonly waitHeadersAtOnce: boolean
  readonly operationIds: 'v4' | 'v7'
  /** `metadata` of an operation that has none. */
  readonly noMetadata: null | Readonly<Record<string, never>>
  /** `resources` of an operation that has none. */
  readonly noResources: null | Readonly<Record<string, never>>
  /** Operations say what they are about in `resources`; LXD 6 leaves them empty. */
  readonly operationResources: boolean
  /** Image URLs in `resources` name a project other than default. */
  readonly resourcesNameProject: boolean
  /** `metadata.entity_url`. */
  readonly operationEntityUrl: boolean
  readonly operationRequestor: boolean
  readonly operationErrCode: boolean
  readonly operationChildCount: boolean
  /** What can be cancelled: downloads and tokens, or everything, at every time (T54, T55). */
  readonly cancellable: 'while-downloading' | 'always'
  /** Progress is in events alone (T56). */
  readonly progressInEventsOnly: boolean
  /** Downloads tell `progress` too: stage, percent, processed, speed. */
  readonly downloadProgressObject: boolean
  /** `create_image_from_<this>_pack_progress`. */
  readonly packProgressStage: 'container' | 'instance'
  /** What was running when the daemon was killed is there after its restart, as a failure (T57). */
  readonly showsCrashedOperations: boolean
  /** `all-projects` of the operation list, asked for by a restricted certificate: own projects, or all after all. */
  readonly operationsOfAllProjects: 'ignored' | 'own' | 'all'
  /** The operation list of a project that does not exist. */
  readonly operationsOfUnknownProject: 'empty' | Refusal
  /** `description` of the operation that is a push token. */
  readonly pushTokenDescription: string
  /** The metadata of a push token names the fingerprint. */
  readonly pushTokenFingerprint: boolean
  /** `description` of the operation of a trust token, and its secret, are missing in events (T53). */
  readonly hidesTokensInEvents: boolean

  // ---- Events

  readonly eventTypes: readonly string[]
  readonly unknownEventType: Refusal
  readonly unknownEventProject: Refusal
  /** `image-created` comes twice for pulls and urls (T30). */
  readonly createdTwiceOnPull: boolean
  /** alias-created and alias-deleted events also when they come with their image. */
  readonly aliasEventsWithImage: boolean

  // ---- Projects

  /** Text of the 404 of what is asked of images in a project that does not exist. */
  readonly unknownProject: string
  /** Feature switches of a new project, and of `default`. */
  readonly projectFeatures: readonly string[]
  readonly defaultProjectFeatures: readonly string[]
  /** The answer to the removal of a project that has images. */
  readonly projectInUse: string
  /** The answer to a project that is there already. */
  readonly duplicateProject: Refusal

  // ---- Reading images

  /** Image objects name their project. */
  readonly imageHasProject: boolean
  /** Image objects name the members that have them: `locations`. */
  readonly imageLocations: boolean
  /** `update_source.image_registry`. */
  readonly sourceHasRegistry: boolean
  /** `all-projects` of the image list, and whether its URLs name other projects. */
  readonly imagesOfAllProjects: 'ignored' | 'plain-urls' | 'urls-with-project'
  /** A negative `recursion` lists whole objects. */
  readonly negativeRecursion: boolean
  /** The order of image listings changes from call to call (T25). */
  readonly randomOrder: boolean
  /** What filters compare: text alone, and nothing else is ever equal (T26), or numbers and booleans too, or lists too; other fields are an error then. */
  readonly filterTypes: 'text' | 'scalars' | 'all'
  /** A filter on `aliases.*` ends the connection (T3) instead of being an error. */
  readonly filterPanics: boolean
  /** Before what is wrong with a value in a filter. */
  readonly filterValueFailure: string
  /** What is accepted as a fingerprint in a path: anything, as a LIKE pattern (T12), or 12 to 64 lower-case hex digits. */
  readonly imageIds: 'pattern' | 'hex'
  /** Text for an id with other characters. */
  readonly imageIdNotHex: string
  /** Text of the 404 of GET and export; `%q` is what was asked for. */
  readonly missingImage: string
  /** GET and export of an image in a project that does not exist say that the image is missing, not the project. */
  readonly missingProjectIsImage: boolean
  /** Text of the 404 of what changes an image; `%q` is the project. */
  readonly missingImageToChange: string
  /** 404 of a private image, to an untrusted client, names the whole fingerprint even if only a prefix was asked. */
  readonly revealsFingerprint: boolean
  /** Sent with each export. */
  readonly exportHeaders: Readonly<Record<string, string>>
  /** Several ranges of an export: 206 and multipart, or 200 and the whole file. */
  readonly severalRanges: 'multipart' | 'whole'
  /** 416 of an export announces the length of the whole file (T24). */
  readonly rangeErrorLies: boolean
  /** Status of an export whose file is gone (T5). */
  readonly lostFileStatus: 404 | 500

  // ---- Changing images

  /** Before the two ETags of a 412, which are joined by `vs`. */
  readonly etagMismatch: string
  /** After them. */
  readonly etagAdvice: string
  /** An image PUT that names an unknown profile. */
  readonly unknownProfile: Refusal
  /** Images may be public in default alone (T59). */
  readonly publicInDefaultOnly: boolean

  // ---- Creating images

  /** `expires_at` of an uploaded image whose metadata.yaml names no expiry. */
  readonly noExpiry: string
  readonly lz4: boolean
  /** How metadata.yaml is read: Incus 7 refuses duplicate keys, dates as properties, fractions (T43). */
  readonly yaml: 'lenient' | 'strict'
  /** metadata.yaml of more than 1 MiB. */
  readonly metadataTooLarge: string
  readonly unknownArchitecture: string
  /** Before `got X expected Y`. */
  readonly fingerprintMismatch: string
  /** How the `…-aliases` and `…-profiles` headers of uploads are read; plain text is one name. */
  readonly aliasHeader: 'ignored' | 'query' | 'query-or-plain'
  readonly profileHeader: 'ignored' | 'query' | 'query-or-plain'
  /** Words for an unknown profile of an upload or a pull. */
  readonly unknownProfileOfCreation: string
  /** What the later one of two uploads of one image at a time is told, the usual first, and whether it names the fingerprint. */
  readonly racingUpload: readonly string[]
  readonly racingUploadFingerprint: boolean
  /** An upload while the same image is pulled (T5, T70): it wins and its file is lost, both succeed, or it waits. */
  readonly uploadDuringPull: 'loses-file' | 'succeeds' | 'waits'
  /** A push token without `properties`: the image ends without any (T22), or the upload fails (T60). */
  readonly pushTokenWithoutProperties: 'none' | 'refused'

  // ---- Aliases

  /** Alias names are checked on creation and renaming (T40). */
  readonly checksAliasNames: boolean
  /** Text of the 404 of a GET of an alias. */
  readonly missingAlias: string
  /** The answer to an alias without name or target. */
  readonly aliasIncomplete: string
  /** Alias URLs are encoded twice (T21). */
  readonly doubleEncodedAliasUrls: boolean
  /** PATCH of an alias ends in `context deadline exceeded` and changes nothing (T9). */
  readonly aliasPatchFails: boolean
  /** An alias named "" (T10): reached as any other, answered by 500 to PUT, POST and DELETE, or by 404 to all. */
  readonly emptyAlias: 'reachable' | 'unchangeable' | 'unreachable'
  /** A raw slash in the path of an alias belongs to its name. */
  readonly slashInAliasPath: boolean

  // ---- Pulling images

  /** Of `source.protocol`; the first is the default. */
  readonly pullProtocols: readonly string[]
  /** Text for another protocol; `%s` is it. */
  readonly unknownProtocol: string
  /** A pull by alias from the other kind's protocol stores the image, and then fails (T35). */
  readonly storesOwnProtocolOnly: boolean
  /** A pull asks for `GET /1.0` of its source first. */
  readonly asksSourceFirst: boolean
  /** Before what went wrong with that; `%q` is the server. */
  readonly connectFailure: string
  /** Before `host:port`, and around `dial tcp …`, of a source that cannot be reached. */
  readonly dialFailure: string
  /** Before `x509: …`. */
  readonly tlsErrorPrefix: string
  /** Text for a certificate of a source that is none. */
  readonly badCertificate: string
  /** `source.server: ""` (T33): a failure of the operation, or the end of the daemon, always or for 64 hex digits alone. */
  readonly emptyServer: 'fails' | 'crashes' | 'crashes-on-fingerprint'
  /** A name that the source has for the other instance type is told as that. */
  readonly namesOtherType: boolean
  /** Text for a name that a simplestreams source does not have. */
  readonly missingStreamImage: string
  /** `description` of images from simplestreams: without the variant, with one that is not `default`, or always. */
  readonly streamDescription: 'plain' | 'variant' | 'release-variant'
  /** `combined_type` of a simplestreams item tells the type of a combined tarball. */
  readonly combinedType: boolean
  /** Text for bytes that are not those of the fingerprint; `%s` are the two. */
  readonly downloadMismatch: string
  /** Before the names of the headers of a url source: `LXD` in `LXD-Image-Hash`. */
  readonly urlHeaderPrefix: 'LXD' | 'Incus'
  /** The answer to a url source, where there are none any more. */
  readonly urlRefusal: Refusal | undefined
  /** Pulling an image that is here resets its flags: if the request names one, or always (T8, T69). */
  readonly repullResets: 'if-named' | 'always'
  /** Such a pull fails if the image has aliases (T7). */
  readonly repullClashesWithAliases: boolean
  /** `profiles` of a pull: ignored, or set. */
  readonly pullHonoursProfiles: boolean

  // ---- Pushing images

  /** A push connects to its target before there is an operation, so that what goes wrong is a 500. */
  readonly pushConnectsFirst: boolean
  /** A virtual machine is pushed as one (T52). */
  readonly pushesVirtualMachines: boolean

  // ---- Publishing instances

  /** A missing instance is refused at once, not in the operation. */
  readonly publishFindsFirst: boolean
  /** Text for it; `%s` are instance and project. */
  readonly missingInstance: string
  readonly missingSnapshot: string
  /** Text for an unknown compression, and whether it is refused at once. */
  readonly unknownCompression: string
  readonly compressionCheckedFirst: boolean
  /** Arguments of a compression: any, or `-1` to `-9` and `--rsyncable` (T46). */
  readonly compressionArguments: 'free' | 'levels'
  /** `format` of a publish is read. */
  readonly publishFormat: boolean
  /** Properties of a publish are laid over those of the instance's image instead of replacing them. */
  readonly publishMergesProperties: boolean
}
