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
  restrictedReadsTokens: { status: 403, words: 'Certificate is restricted' },

  wait: 'state',
  noMetadata: {},
  hidesTokensInEvents: true,

  imageLocations: true,
  severalRanges: 'whole',

  yaml: 'strict',
  metadataTooLarge: 'go-yaml load error in reader at <unknown position>: input error: input data too large',
  aliasHeader: 'query-or-plain',
  profileHeader: 'query-or-plain',
  racingUpload: 'Image record already exists',
  uploadDuringPull: 'succeeds',

  checksAliasNames: true,
  aliasIncomplete: 'Alias name and target are required',

  asksSourceFirst: false,
  emptyServer: 'crashes-on-fingerprint',
  namesOtherType: true,
  streamDescription: 'variant',
  combinedType: true,

  pushConnectsFirst: false,
  wrapsPushFailure: true,
  pushesVirtualMachines: true,

  compressions: ['none', 'bzip2', 'gzip', 'lz4', 'lzma', 'pigz', 'pzstd', 'xz', 'zstd'],
  compressionArguments: 'levels',
  publishFormat: true,
}
