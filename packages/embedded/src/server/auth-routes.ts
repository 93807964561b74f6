import { createBearerIdentity } from '../handlers/auth/create-bearer-identity.ts'
import { createBearerToken, deleteBearerToken } from '../handlers/auth/create-bearer-token.ts'
import { createTlsIdentity } from '../handlers/auth/create-tls-identity.ts'
import { getCurrentIdentity } from '../handlers/auth/get-current-identity.ts'
import { getIdentity } from '../handlers/auth/get-identity.ts'
import { createGroup, deleteGroup, getGroup, listGroups, updateGroup } from '../handlers/auth/groups.ts'
import { listIdentities } from '../handlers/auth/list-identities.ts'
import { deleteIdentity, updateIdentity } from '../handlers/auth/update-identity.ts'
import type { Route } from './routes.ts'

const anyProject = true
const where: Route['where'] = ({ identities }) => identities
const whereBearer: Route['where'] = ({ bearerIdentities }) => bearerIdentities

/** Fine-grained identities and their groups: LXD 5.21 and newer. */
export const authRoutes: readonly Route[] = [
  {
    pattern: /^\/1\.0\/auth\/identities\/current$/,
    where,
    methods: { GET: { handle: getCurrentIdentity, anyProject } },
  },
  {
    pattern: /^\/1\.0\/auth\/identities\/tls$/,
    where,
    methods: {
      GET: { handle: listIdentities('tls'), anyProject },
      POST: { handle: createTlsIdentity, open: true, anyProject },
    },
  },
  {
    pattern: /^\/1\.0\/auth\/identities\/tls\/([^/]+)$/,
    where,
    methods: {
      GET: { handle: getIdentity('tls'), anyProject },
      PUT: { handle: updateIdentity('tls'), anyProject },
      PATCH: { handle: updateIdentity('tls'), anyProject },
      DELETE: { handle: deleteIdentity('tls'), anyProject },
    },
  },
  {
    pattern: /^\/1\.0\/auth\/identities\/bearer$/,
    where: whereBearer,
    methods: {
      GET: { handle: listIdentities('bearer'), anyProject },
      POST: { handle: createBearerIdentity, anyProject },
    },
  },
  {
    pattern: /^\/1\.0\/auth\/identities\/bearer\/([^/]+)$/,
    where: whereBearer,
    methods: {
      GET: { handle: getIdentity('bearer'), anyProject },
      PUT: { handle: updateIdentity('bearer'), anyProject },
      PATCH: { handle: updateIdentity('bearer'), anyProject },
      DELETE: { handle: deleteIdentity('bearer'), anyProject },
    },
  },
  {
    pattern: /^\/1\.0\/auth\/identities\/bearer\/([^/]+)\/token$/,
    where: whereBearer,
    methods: {
      POST: { handle: createBearerToken, anyProject },
      DELETE: { handle: deleteBearerToken, anyProject },
    },
  },
  {
    pattern: /^\/1\.0\/auth\/groups$/,
    where,
    methods: { GET: { handle: listGroups, anyProject }, POST: { handle: createGroup, anyProject } },
  },
  {
    pattern: /^\/1\.0\/auth\/groups\/([^/]+)$/,
    where,
    methods: {
      GET: { handle: getGroup, anyProject },
      PUT: { handle: updateGroup, anyProject },
      PATCH: { handle: updateGroup, anyProject },
      DELETE: { handle: deleteGroup, anyProject },
    },
  },
]
