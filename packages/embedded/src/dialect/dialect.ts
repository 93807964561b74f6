import { epochTime, zeroTime } from '../json/timestamp.ts'
import { incusExtensions, lxdExtensions } from './api-extensions.ts'

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
  readonly quirks: Readonly<Quirks>
}

interface Quirks {
  /** Image objects name their project, and `all-projects` is known. */
  imageHasProject: boolean
  /** The order of image listings changes from call to call (T25). */
  randomOrder: boolean
  /** Booleans and numbers match in filters, and unknown fields are an error (T26). */
  typedFilters: boolean
  /** Alias URLs are encoded twice (T21). */
  doubleEncodedAliasUrls: boolean
  /** PATCH of an alias ends in `context deadline exceeded` and changes nothing (T9). */
  aliasPatchFails: boolean
  /** An alias named "" answers 500 to PUT, POST and DELETE (T10). */
  emptyAliasUnreachable: boolean
  /** 404 of a single image quotes what was asked for. */
  quotesMissingImage: boolean
  /** 404 of a private image, to an untrusted client, names the whole fingerprint even if only a prefix was asked. */
  revealsFingerprint: boolean
  /** 416 of an export announces the length of the whole file (T24). */
  rangeErrorLies: boolean
  /** Status of an export whose file is gone (T5). */
  lostFileStatus: 404 | 500
  /** Status of an image PUT that names an unknown profile. */
  unknownProfileStatus: 400 | 500
  unknownEventTypeStatus: 400 | 500
  missingClientCertificateStatus: 400 | 403
  /** `core.trust_password` exists. */
  trustPassword: boolean
  /** `…-aliases` and `…-profiles` headers of uploads are read. */
  aliasHeaders: boolean
  /** Untrusted clients may list only the default project. */
  untrustedDefaultProjectOnly: boolean
  /** A missing instance or bad compressor of a publish is refused at once, not in the operation. */
  publishChecksFirst: boolean
  /** Properties of a publish are laid over those of the instance's image instead of replacing them. */
  publishMergesProperties: boolean
  /** Pulling an image that is here already rewrites its record whatever was asked (T8), and fails if it has aliases (T7). */
  repullResets: boolean
  pullHonoursProfiles: boolean
  /** A pull without `server` ends the daemon (seen on 6.0.4). */
  pullWithoutServerCrashes: boolean
  /** `image-created` comes twice for pulls and urls (T30). */
  createdTwiceOnPull: boolean
  /** alias-created and alias-deleted events also when they come with their image. */
  aliasEventsWithImage: boolean
  lz4: boolean
  /** Certificates have a description. */
  certificateDescription: boolean
  /** `GET /1.0` says who asks. */
  showsUser: boolean
}

const lxd: Dialect = {
  kind: 'lxd',
  serverVersion: '5.0.2',
  apiExtensions: lxdExtensions,
  headerPrefix: 'x-lxd-',
  urlHeaderPrefix: 'LXD',
  wait: 'state',
  noResources: null,
  noExpiry: epochTime,
  untrustedServer: {},
  exportHeaders: {},
  projectFeatures: ['images', 'profiles', 'storage.volumes'],
  defaultProjectFeatures: ['images', 'networks', 'profiles', 'storage.volumes'],
  productName: 'LXD',
  tokenField: 'password',
  tokenRequest: { password: '' },
  pullProtocols: ['lxd', 'simplestreams'],
  connectFailure: 'Failed to connect to LXD server',
  tlsErrorPrefix: '',
  projectInUse: 'Only empty projects can be removed',
  duplicateProject: { status: 409, words: 'This "projects" entry already exists' },
  racingUpload: 'UNIQUE constraint failed: images.project_id, images.fingerprint',
  quirks: {
    imageHasProject: false,
    randomOrder: false,
    typedFilters: false,
    doubleEncodedAliasUrls: true,
    aliasPatchFails: true,
    emptyAliasUnreachable: false,
    quotesMissingImage: false,
    revealsFingerprint: true,
    rangeErrorLies: true,
    lostFileStatus: 500,
    unknownProfileStatus: 400,
    unknownEventTypeStatus: 500,
    missingClientCertificateStatus: 400,
    trustPassword: true,
    aliasHeaders: false,
    untrustedDefaultProjectOnly: false,
    publishChecksFirst: true,
    publishMergesProperties: false,
    repullResets: false,
    pullHonoursProfiles: false,
    pullWithoutServerCrashes: false,
    createdTwiceOnPull: true,
    aliasEventsWithImage: false,
    lz4: false,
    certificateDescription: false,
    showsUser: false,
  },
}

const incus: Dialect = {
  kind: 'incus',
  serverVersion: '6.0.4',
  apiExtensions: incusExtensions,
  headerPrefix: 'x-incus-',
  urlHeaderPrefix: 'Incus',
  wait: 'error',
  noResources: {},
  noExpiry: zeroTime,
  untrustedServer: { config: {} },
  exportHeaders: { 'x-incus-type': 'incus' },
  projectFeatures: ['images', 'profiles', 'storage.buckets', 'storage.volumes'],
  defaultProjectFeatures: [
    'images',
    'networks',
    'networks.zones',
    'profiles',
    'storage.buckets',
    'storage.volumes',
  ],
  productName: 'Incus',
  tokenField: 'trust_token',
  tokenRequest: { description: '', trust_token: '' },
  pullProtocols: ['incus', 'lxd', 'simplestreams'],
  connectFailure: 'Failed to connect to the server',
  tlsErrorPrefix: 'tls: failed to verify certificate: ',
  projectInUse: 'Only empty projects can be removed.',
  duplicateProject: {
    status: 500,
    words: 'Failed to create "projects" entry: UNIQUE constraint failed: projects.name',
  },
  racingUpload:
    'Failed creating image record: Failed saving main image record: UNIQUE constraint failed: images.project_id, images.fingerprint',
  quirks: {
    imageHasProject: true,
    randomOrder: true,
    typedFilters: true,
    doubleEncodedAliasUrls: false,
    aliasPatchFails: false,
    emptyAliasUnreachable: true,
    quotesMissingImage: true,
    revealsFingerprint: false,
    rangeErrorLies: false,
    lostFileStatus: 404,
    unknownProfileStatus: 500,
    unknownEventTypeStatus: 400,
    missingClientCertificateStatus: 403,
    trustPassword: false,
    aliasHeaders: true,
    untrustedDefaultProjectOnly: true,
    publishChecksFirst: false,
    publishMergesProperties: true,
    repullResets: true,
    pullHonoursProfiles: true,
    pullWithoutServerCrashes: true,
    createdTwiceOnPull: false,
    aliasEventsWithImage: true,
    lz4: true,
    certificateDescription: true,
    showsUser: true,
  },
}

/** The dialect table. */
export const dialects: Readonly<Record<DialectKind, Dialect>> = { lxd, incus }
