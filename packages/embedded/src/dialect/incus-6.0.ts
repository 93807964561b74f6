import { zeroTime } from '../json/timestamp.ts'
import { incus60Extensions } from './api-extensions.ts'
import type { Dialect } from './dialect.ts'
import { lxd50 } from './lxd-5.0.ts'

/** Incus 6.0.4, which began as a fork of LXD 5.16. */
export const incus60: Dialect = {
  ...lxd50,
  kind: 'incus',
  serverVersion: '6.0.4',
  productName: 'Incus',
  apiExtensions: incus60Extensions,

  spendsSecretTwice: false,

  headerPrefix: 'x-incus-',
  containersPath: false,

  untrustedConfig: {},
  limitedConfig: {},
  showsUser: true,

  tokenFields: ['trust_token'],
  trustPassword: false,
  tokenRequest: { description: '', trust_token: '' },
  certificateDescription: true,
  certificateTokens: 'rewritten',

  foreignImages: {
    status: 400,
    words: 'Unauthenticated image queries are only possible against the default project',
  },
  foreignAliases: {
    status: 500,
    words: 'Failed to get a permission checker: User does not have permissions for project %q',
  },
  foreignOperations: 'empty',
  foreignLists: { status: 500, words: 'User does not have permissions for project %q' },
  foreignEvents: { status: 403, words: 'User does not have permission for project %q' },
  foreignAliasCreation: { status: 403, words: 'User does not have permission for project %q' },
  foreignAccess: { status: 403, words: 'User does not have permission for project %q' },
  foreignProject: { status: 403, words: 'User does not have permission for project %q' },
  restrictedAllImages: 'own-and-all-of-default',
  restrictedAllInstances: 'own',
  restrictedPools: { status: 500, words: 'Certificate is restricted' },
  unmeasuredVolume: null,
  untrustedForeignImages: {
    status: 400,
    words: 'Unauthenticated image queries are only possible against the default project',
  },
  untrustedAllProjects: {
    status: 400,
    words: 'Unauthenticated image queries are only possible against the default project',
  },

  wait: 'error',
  waitHeadersAtOnce: true,
  noResources: {},
  resourcesNameProject: true,
  operationsOfAllProjects: 'own',

  eventTypes: ['operation', 'lifecycle', 'logging', 'network-acl'],
  unknownEventType: { status: 400, words: "%q isn't a supported event type" },
  unknownEventProject: { status: 404, words: 'Project not found' },
  createdTwiceOnPull: false,
  aliasEventsWithImage: true,

  projectFeatures: ['images', 'profiles', 'storage.buckets', 'storage.volumes'],
  defaultProjectFeatures: [
    'images',
    'networks',
    'networks.zones',
    'profiles',
    'storage.buckets',
    'storage.volumes',
  ],
  projectInUse: 'Only empty projects can be removed.',
  duplicateProject: {
    status: 500,
    words:
      'Failed creating project %q: Failed adding database record: Failed to create "projects" entry: UNIQUE constraint failed: projects.name',
  },

  imageHasProject: true,
  imagesOfAllProjects: 'plain-urls',
  randomOrder: true,
  filterTypes: 'all',
  missingImage: 'Image %q not found',
  missingProjectIsImage: true,
  revealsFingerprint: false,
  exportHeaders: { 'x-incus-type': 'incus' },
  rangeErrorLies: false,
  lostFileStatus: 404,

  unknownProfile: { status: 500, words: "Profile '%s' doesn't exist" },

  noExpiry: zeroTime,
  lz4: true,
  aliasHeader: 'query',
  profileHeader: 'query',
  racingUpload: [
    'Failed saving main image record: UNIQUE constraint failed: images.project_id, images.fingerprint',
  ],

  doubleEncodedAliasUrls: false,
  aliasPatchFails: false,
  emptyAlias: 'unchangeable',

  trustsRegistryImages: true,
  pullProtocols: ['incus', 'lxd', 'simplestreams'],
  storesOwnProtocolOnly: true,
  connectFailure: 'Failed to connect to the server %q: ',
  tlsErrorPrefix: 'tls: failed to verify certificate: ',
  emptyServer: 'crashes',
  urlHeaderPrefix: 'Incus',
  repullResets: 'always',
  repullClashesWithAliases: true,
  pullHonoursProfiles: true,

  publishFindsFirst: false,
  missingInstance: 'Failed to fetch instance "%s" in project "%s": Instance not found',
  missingSnapshot: 'Instance_snapshot not found',
  unknownCompression: "Compression algorithm %q isn't currently supported",
  compressionCheckedFirst: false,
  publishMergesProperties: true,
}
