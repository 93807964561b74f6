import { incus70Extensions } from './api-extensions.ts'
import type { Dialect } from './dialect.ts'
import { incus60 } from './incus-6.0.ts'

/** Incus 7.0.2. */
export const incus70: Dialect = {
  ...incus60,
  serverVersion: '7.0.2',
  apiExtensions: incus70Extensions,

  redirectsUncleanPaths: true,
  belowImageIsImage: true,
  maxBody: 1024 * 1024,

  hidesExtensions: true,

  acceptsPemCertificates: true,
  certificateTokens: 'as-sent',
  accessTokenQuery: true,

  foreignImages: 'public',
  foreignAliases: 'empty',
  foreignLists: 'empty',
  foreignOperation: { status: 403, words: 'User does not have permission for project %q' },
  restrictedPools: 'shown',
  unmeasuredVolume: { total: 0 },
  restrictedReadsTokens: { status: 403, words: 'Certificate is restricted' },

  wait: 'state',
  noMetadata: {},
  hidesTokensInEvents: true,

  duplicateProject: {
    status: 409,
    words: 'Failed creating project %q: Failed adding database record: This "Project" entry already exists',
  },

  memberUnavailable: 'Target cluster member is unavailable',
  failedCopy: 'Failed syncing image between servers: Failed to copy image to %q: %s',

  imageLocations: true,
  severalRanges: 'whole',

  yaml: 'strict',
  metadataTooLarge: 'go-yaml load error in reader at <unknown position>: input error: input data too large',
  aliasHeader: 'query-or-plain',
  profileHeader: 'query-or-plain',
  racingUpload: [
    'Image record already exists',
    'Failed saving main image record: UNIQUE constraint failed: images.project_id, images.fingerprint',
  ],
  uploadDuringPull: 'succeeds',

  checksAliasNames: true,
  aliasIncomplete: 'Alias name and target are required',

  pullProtocols: ['incus', 'lxd', 'simplestreams', 'oci'],
  unknownProtocol: 'Invalid image fingerprint',
  asksSourceFirst: false,
  emptyServer: 'crashes-on-fingerprint',
  namesOtherType: true,
  streamDescription: 'variant',
  combinedType: true,

  pushConnectsFirst: false,
  pushesVirtualMachines: true,

  compressionArguments: 'levels',
  publishFormat: true,
}
