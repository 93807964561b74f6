import { createAlias } from '../handlers/aliases/create-alias.ts'
import { deleteAlias } from '../handlers/aliases/delete-alias.ts'
import { getAlias } from '../handlers/aliases/get-alias.ts'
import { listAliases } from '../handlers/aliases/list-aliases.ts'
import { patchAlias } from '../handlers/aliases/patch-alias.ts'
import { renameAlias } from '../handlers/aliases/rename-alias.ts'
import { updateAlias } from '../handlers/aliases/update-alias.ts'
import { createImage } from '../handlers/images/create-image.ts'
import { deleteImage } from '../handlers/images/delete-image.ts'
import { exportImage } from '../handlers/images/export-image.ts'
import { getImage } from '../handlers/images/get-image.ts'
import { listImages } from '../handlers/images/list-images.ts'
import { patchImage } from '../handlers/images/patch-image.ts'
import { updateImage } from '../handlers/images/update-image.ts'
import { cancelOperation } from '../handlers/operations/cancel-operation.ts'
import { getOperation } from '../handlers/operations/get-operation.ts'
import { listOperations } from '../handlers/operations/list-operations.ts'
import { waitOperation } from '../handlers/operations/wait-operation.ts'
import { getServer, listVersions } from '../handlers/server/get-server.ts'
import type { Route } from './routes.ts'

const open = true

/** Every path that this server knows. The first match wins; other methods of a known path answer 501. */
export const routes: readonly Route[] = [
  { pattern: /^\/$/, methods: { GET: { handle: listVersions, open } } },
  { pattern: /^\/1\.0\/?$/, methods: { GET: { handle: getServer, open } } },
  {
    pattern: /^\/1\.0\/images\/?$/,
    methods: { GET: { handle: listImages, open }, POST: { handle: createImage, open } },
  },
  {
    pattern: /^\/1\.0\/images\/aliases$/,
    methods: { GET: { handle: listAliases }, POST: { handle: createAlias } },
  },
  {
    pattern: /^\/1\.0\/images\/aliases\/(.*)$/s,
    methods: {
      GET: { handle: getAlias, open },
      PUT: { handle: updateAlias },
      PATCH: { handle: patchAlias },
      POST: { handle: renameAlias },
      DELETE: { handle: deleteAlias },
    },
  },
  {
    pattern: /^\/1\.0\/images\/([^/]+)$/,
    methods: {
      GET: { handle: getImage, open },
      PUT: { handle: updateImage },
      PATCH: { handle: patchImage },
      DELETE: { handle: deleteImage },
    },
  },
  { pattern: /^\/1\.0\/images\/([^/]+)\/export$/, methods: { GET: { handle: exportImage, open } } },
  { pattern: /^\/1\.0\/operations\/?$/, methods: { GET: { handle: listOperations } } },
  {
    pattern: /^\/1\.0\/operations\/([^/]+)$/,
    methods: { GET: { handle: getOperation }, DELETE: { handle: cancelOperation } },
  },
  { pattern: /^\/1\.0\/operations\/([^/]+)\/wait$/, methods: { GET: { handle: waitOperation, open } } },
]
