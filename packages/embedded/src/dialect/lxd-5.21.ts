import { lxd521Extensions } from './api-extensions.ts'
import type { Dialect } from './dialect.ts'
import { lxd503 } from './lxd-5.0.3.ts'

const restricted = { status: 403, words: 'Certificate is restricted' }

/** LXD 5.21.7. */
export const lxd521: Dialect = {
  ...lxd503,
  serverVersion: '5.21.7',
  serverLts: true,
  apiExtensions: lxd521Extensions,

  peerDown: 'Peer cluster member %s at %s is down',
  halfDeletion:
    'Failed notifying cluster member %q at %q: Failed to request to delete image from peer node: %s',

  notFound: 'Not Found',
  forbidden: 'Forbidden',
  notImplemented: 'Not Implemented',

  untrustedConfig: null,
  showsClientCertificate: true,

  tokenFields: ['password', 'trust_token'],
  tokenRequest: { password: '', trust_token: '' },
  trustTokenExpires: true,
  alreadyTrusted: { status: 409, words: 'Client is already trusted' },
  trustedClientBurnsToken: true,
  certificateNameTaken: { status: 409, words: 'This "identity" entry already exists' },
  identities: true,
  enrolledLocation: 'pending-id',
  unknownGroups: 'Failed to create pending TLS identity: One or more groups were not found: %s',
  missingGroup: 'AuthGroup not found',
  duplicateGroup: 'Authorization group %q already exists',
  usedIdentityToken:
    'Failed to find a matching pending identity: No pending identities found with given secret',

  foreignImages: restricted,
  foreignAliases: restricted,
  foreignOperations: restricted,
  foreignOperation: restricted,
  foreignLists: restricted,
  foreignEvents: restricted,
  foreignAliasCreation: restricted,
  foreignAccess: { status: 403, words: 'User does not have permission for project %q' },
  foreignProject: restricted,
  restrictedAllImages: restricted,
  restrictedAllInstances: restricted,
  restrictedCertificates: 'own',
  untrustedForeignImages: { status: 404, words: 'Not Found' },
  untrustedAllProjects: {
    status: 403,
    words: 'Untrusted callers may only access public images in the default project',
  },
  untrustedForeignImage: true,

  wait: 'error',
  waitHeadersAtOnce: true,
  noMetadata: {},
  operationRequestor: true,
  packProgressStage: 'instance',
  operationsOfAllProjects: 'own',
  operationsOfUnknownProject: { status: 404, words: 'Failed to get project: Project not found' },

  unknownProject: 'Failed to load project: Project not found',
  duplicateProject: { status: 409, words: 'Project %q already exists' },
  projectFeatures: ['images', 'profiles', 'storage.buckets', 'storage.volumes'],
  defaultProjectFeatures: [
    'images',
    'networks',
    'networks.zones',
    'profiles',
    'storage.buckets',
    'storage.volumes',
  ],

  imageHasProject: true,
  imagesOfAllProjects: 'urls-with-project',
  randomOrder: true,
  filterTypes: 'all',
  filterPanics: false,
  imageIds: 'hex',
  imageIdNotHex:
    'Failed validating image fingerprint: Hash must contain only lowercase hexadecimal characters',
  missingImage: 'Not Found',
  missingProjectIsImage: true,
  missingImageToChange: 'Failed to check project %q image feature: Image not found',
  revealsFingerprint: false,

  etagAdvice:
    '. The configuration has been modified since this change began. Please retrieve the updated configuration before proceeding.',
  unknownProfile: { status: 500, words: "Profile '%s' doesn't exist" },

  metadataTooLarge: 'yaml: input error: input data is larger than maximum 1048576 bytes',
  unknownArchitecture: 'Architecture is not supported: %q',
  fingerprintMismatch: "Fingerprints don't match, ",
  profileHeader: 'query',
  racingUpload: ['Image with same fingerprint already exists'],
  racingUploadFingerprint: true,
  uploadDuringPull: 'waits',

  missingAlias: 'Not Found',
  aliasPatchFails: false,

  unknownProtocol: 'Image fingerprint must contain 64 characters',
  missingStreamImage: "Failed getting image: The requested image couldn't be found for fingerprint %q",
  repullResets: 'always',
  pullHonoursProfiles: true,

  publishFindsFirst: false,
  missingInstance: 'Failed to fetch instance "%s" in project "%s": Instance not found',
  compressionArguments: 'free',
}
