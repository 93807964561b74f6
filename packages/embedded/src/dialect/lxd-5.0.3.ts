import { lxd503Extensions } from './api-extensions.ts'
import type { Dialect } from './dialect.ts'
import { lxd50 } from './lxd-5.0.ts'

/** LXD 5.0.2+git20231211 of Debian trixie; it calls itself 5.0.2, and represents 5.0.3. */
export const lxd503: Dialect = {
  ...lxd50,
  apiExtensions: lxd503Extensions,

  showsUser: true,

  wait: 'error-500',
  noResources: {},
  resourcesNameProject: true,
  operationsOfAllProjects: 'all',

  unknownEventType: { status: 400, words: "%q isn't a supported event type" },
  unknownEventProject: { status: 404, words: 'Project not found' },

  filterTypes: 'scalars',
  rangeErrorLies: false,
  lostFileStatus: 404,

  unknownArchitecture: "Architecture isn't supported: %q",
  racingUpload: [
    'Failed saving main image record: UNIQUE constraint failed: images.project_id, images.fingerprint',
  ],

  doubleEncodedAliasUrls: false,

  tlsErrorPrefix: 'tls: failed to verify certificate: ',

  compressionArguments: 'levels',
}
