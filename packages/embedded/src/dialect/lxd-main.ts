import { lxdMainExtensions } from './api-extensions.ts'
import type { Dialect } from './dialect.ts'
import { lxd69 } from './lxd-6.9.ts'

/** The main branch of LXD in August 2026, after 6.9. */
export const lxdMain: Dialect = {
  ...lxd69,
  apiExtensions: lxdMainExtensions,

  identityExpiry: 'all',

  foreignAccess: { status: 403, words: 'Certificate is restricted' },

  operationChildCount: true,
  showsCrashedOperations: true,
  operationsOfUnknownProject: { status: 404, words: 'Project not found' },

  sourceHasRegistry: true,
  imageIdNotHex:
    'Failed validating image fingerprint: Hash must contain only lowercase hexadecimal characters',

  unknownProtocol: 'Image fingerprint must contain 64 characters',
}
