import { lxd69Extensions } from './api-extensions.ts'
import type { Dialect } from './dialect.ts'
import { lxd521 } from './lxd-5.21.ts'

/** LXD 6.9. */
export const lxd69: Dialect = {
  ...lxd521,
  serverVersion: '6.9',
  serverLts: false,
  apiExtensions: lxd69Extensions,
  authMethods: ['tls', 'bearer'],

  memberRoles: { leader: ['database-leader'], other: ['database-voter'] },
  operationsOfDeadMembers: 'shown',
  halfDeletion:
    'Failed notifying cluster member %q at %q: Failed requesting to delete image from peer node: %s',
  refusedCopy: 'Failed syncing image between nodes: Failed copying image to %q: Forbidden',

  redirectsUncleanPaths: true,
  containersPath: false,
  crossSiteRefused: 'writes',

  tokenFields: ['trust_token'],
  trustPassword: false,
  passwordRefusal: {
    status: 501,
    words: 'Password authentication is no longer supported, please update your client',
  },
  trustTokenDescription: 'Certificate add token',
  certificateNameTaken: { status: 409, words: 'Certificate already exists' },
  enrolledLocation: 'fingerprint',
  identityExpiry: 'current-bearer',
  unknownGroups: 'Failed creating pending TLS identity: One or more groups were not found: %s',
  missingGroup: 'Authorization group not found',
  duplicateGroup: 'Authorization group already exists',
  usedIdentityToken:
    'Failed finding a matching pending identity: No pending identities found with given secret',
  bearerIdentities: true,

  untrustedForeignImage: false,

  operationIds: 'v7',
  operationResources: false,
  operationEntityUrl: true,
  operationErrCode: true,
  cancellable: 'always',
  progressInEventsOnly: true,
  downloadProgressObject: true,
  operationsOfUnknownProject: { status: 500, words: 'Project %q does not exist' },
  pushTokenDescription: 'Image upload token',
  pushTokenFingerprint: true,

  eventTypes: ['operation', 'lifecycle', 'logging', 'security'],
  unknownEventType: { status: 400, words: '%q is not a supported event type' },

  unknownProject: 'Failed loading project: Project not found',

  negativeRecursion: false,
  filterValueFailure: 'Failed parsing value: ',
  imageIdNotHex: 'Image fingerprint prefix must contain only lowercase hexadecimal characters',
  missingImageToChange: 'Failed checking project %q image feature: Image not found',

  etagMismatch: 'ETag does not match: ',
  unknownProfile: { status: 500, words: 'Profile %q does not exist' },
  publicInDefaultOnly: true,

  fingerprintMismatch: 'Fingerprints do not match, ',
  unknownProfileOfCreation: 'Profile %q does not exist',
  pushTokenWithoutProperties: 'refused',

  emptyAlias: 'unreachable',
  slashInAliasPath: false,

  pullProtocols: ['lxd', 'simplestreams'],
  unknownProtocol: 'Unsupported protocol: %s',
  connectFailure: 'Failed connecting to LXD server %q: ',
  dialFailure: 'Cannot connect to: %s (%s)',
  badCertificate: 'Invalid PEM block',
  missingStreamImage: 'Failed getting image: The requested image could not be found for fingerprint %q',
  streamDescription: 'release-variant',
  downloadMismatch: 'Image fingerprint does not match. Got %s expected %s',
  urlRefusal: { status: 400, words: 'Image download from client-specified URL is not supported' },

  missingInstance: 'Failed fetching instance "%s" in project "%s": Instance not found',
}
