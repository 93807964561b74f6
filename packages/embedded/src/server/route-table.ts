import type { Dialect } from '../dialect/dialect.ts'
import { createAlias } from '../handlers/aliases/create-alias.ts'
import { deleteAlias } from '../handlers/aliases/delete-alias.ts'
import { getAlias } from '../handlers/aliases/get-alias.ts'
import { listAliases } from '../handlers/aliases/list-aliases.ts'
import { patchAlias } from '../handlers/aliases/patch-alias.ts'
import { renameAlias } from '../handlers/aliases/rename-alias.ts'
import { updateAlias } from '../handlers/aliases/update-alias.ts'
import { createCertificate } from '../handlers/certificates/create-certificate.ts'
import { deleteCertificate } from '../handlers/certificates/delete-certificate.ts'
import { getCertificate } from '../handlers/certificates/get-certificate.ts'
import { listCertificates } from '../handlers/certificates/list-certificates.ts'
import { getCluster, getMember, listMembers } from '../handlers/cluster/cluster.ts'
import { refuseEvents } from '../handlers/events/refuse-events.ts'
import { createImage } from '../handlers/images/create-image.ts'
import { createSecret } from '../handlers/images/create-secret.ts'
import { deleteImage } from '../handlers/images/delete-image.ts'
import { exportImage } from '../handlers/images/export-image.ts'
import { getImage } from '../handlers/images/get-image.ts'
import { listImages } from '../handlers/images/list-images.ts'
import { patchImage } from '../handlers/images/patch-image.ts'
import { pushImage } from '../handlers/images/push-image.ts'
import { refreshImage } from '../handlers/images/refresh-image.ts'
import { updateImage } from '../handlers/images/update-image.ts'
import { changeState } from '../handlers/instances/change-state.ts'
import { createInstance } from '../handlers/instances/create-instance.ts'
import { createSnapshot } from '../handlers/instances/create-snapshot.ts'
import { deleteInstance } from '../handlers/instances/delete-instance.ts'
import { getInstance } from '../handlers/instances/get-instance.ts'
import { getInstanceMetadata } from '../handlers/instances/get-instance-metadata.ts'
import { getSnapshot } from '../handlers/instances/get-snapshot.ts'
import { listInstances } from '../handlers/instances/list-instances.ts'
import { patchInstance } from '../handlers/instances/patch-instance.ts'
import { cancelOperation } from '../handlers/operations/cancel-operation.ts'
import { getOperation } from '../handlers/operations/get-operation.ts'
import { listOperations } from '../handlers/operations/list-operations.ts'
import { waitOperation } from '../handlers/operations/wait-operation.ts'
import { listProfiles } from '../handlers/profiles/list-profiles.ts'
import { updateProfile } from '../handlers/profiles/update-profile.ts'
import { createProject } from '../handlers/projects/create-project.ts'
import { deleteProject } from '../handlers/projects/delete-project.ts'
import { getProject } from '../handlers/projects/get-project.ts'
import { listProjects } from '../handlers/projects/list-projects.ts'
import { getServer, listVersions } from '../handlers/server/get-server.ts'
import { getPoolResources } from '../handlers/storage/get-pool-resources.ts'
import { getVolumeState } from '../handlers/storage/get-volume-state.ts'
import { listPools } from '../handlers/storage/list-pools.ts'
import { authRoutes } from './auth-routes.ts'
import type { Route } from './routes.ts'

const open = true
const anyProject = true
const allProjects = true

const image = {
  GET: { handle: getImage, open },
  PUT: { handle: updateImage, right: 'can_edit_images' },
  PATCH: { handle: patchImage, right: 'can_edit_images' },
  DELETE: { handle: deleteImage, right: 'can_delete_images' },
} as const

const alias = {
  GET: { handle: getAlias, open },
  PUT: { handle: updateAlias, right: 'can_edit_image_aliases' },
  PATCH: { handle: patchAlias, right: 'can_edit_image_aliases' },
  POST: { handle: renameAlias, right: 'can_edit_image_aliases' },
  DELETE: { handle: deleteAlias, right: 'can_delete_image_aliases' },
} as const

/** Every path that this server knows. The first match wins; other methods of a known path answer 501. */
export const routes: readonly Route[] = [
  { pattern: /^\/$/, methods: { GET: { handle: listVersions, open } } },
  { pattern: /^\/1\.0$/, methods: { GET: { handle: getServer, open, anyProject } } },
  {
    pattern: /^\/1\.0\/images$/,
    methods: {
      GET: { handle: listImages, open, allProjects, foreign: 'foreignImages' },
      POST: { handle: createImage, open, anyBody: true },
    },
  },
  {
    pattern: /^\/1\.0\/images\/aliases$/,
    methods: {
      GET: { handle: listAliases, foreign: 'foreignAliases' },
      POST: {
        handle: createAlias,
        right: 'can_create_image_aliases',
        foreign: 'foreignAliasCreation',
      },
    },
  },
  {
    pattern: /^\/1\.0\/images\/aliases\/(.*)$/s,
    where: ({ slashInAliasPath }) => slashInAliasPath,
    methods: alias,
  },
  { pattern: /^\/1\.0\/images\/aliases\/([^/]+)$/, methods: alias },
  { pattern: /^\/1\.0\/images\/([^/]+)$/, methods: image },
  {
    pattern: /^\/1\.0\/images\/([^/]+)\/export$/,
    methods: {
      GET: { handle: exportImage, open },
      POST: { handle: pushImage, right: 'can_edit_images' },
    },
  },
  {
    pattern: /^\/1\.0\/images\/([^/]+)\/refresh$/,
    methods: { POST: { handle: refreshImage, right: 'can_edit_images' } },
  },
  {
    pattern: /^\/1\.0\/images\/([^/]+)\/secret$/,
    methods: { POST: { handle: createSecret, right: 'can_edit_images' } },
  },
  {
    pattern: /^\/1\.0\/images\/([^/]+)\/.*$/s,
    where: ({ belowImageIsImage }) => belowImageIsImage,
    methods: image,
  },
  {
    pattern: /^\/1\.0\/operations$/,
    methods: { GET: { handle: listOperations, allProjects, foreign: 'foreignOperations' } },
  },
  {
    pattern: /^\/1\.0\/operations\/([^/]+)$/,
    methods: { GET: { handle: getOperation, anyProject }, DELETE: { handle: cancelOperation } },
  },
  {
    pattern: /^\/1\.0\/operations\/([^/]+)\/wait$/,
    methods: { GET: { handle: waitOperation, open, anyProject } },
  },
  { pattern: /^\/1\.0\/cluster$/, methods: { GET: { handle: getCluster, anyProject } } },
  { pattern: /^\/1\.0\/cluster\/members$/, methods: { GET: { handle: listMembers, anyProject } } },
  { pattern: /^\/1\.0\/cluster\/members\/([^/]+)$/, methods: { GET: { handle: getMember, anyProject } } },
  {
    pattern: /^\/1\.0\/certificates$/,
    methods: {
      GET: { handle: listCertificates, anyProject },
      POST: { handle: createCertificate, open, anyProject },
    },
  },
  {
    pattern: /^\/1\.0\/certificates\/([^/]+)$/,
    methods: {
      GET: { handle: getCertificate, anyProject },
      DELETE: { handle: deleteCertificate, anyProject },
    },
  },
  ...authRoutes,
  {
    pattern: /^\/1\.0\/projects$/,
    methods: { GET: { handle: listProjects, anyProject }, POST: { handle: createProject, anyProject } },
  },
  {
    pattern: /^\/1\.0\/projects\/([^/]+)$/,
    methods: { GET: { handle: getProject, anyProject }, DELETE: { handle: deleteProject, anyProject } },
  },
  ...['instances', 'containers'].flatMap(instanceRoutes),
  {
    pattern: /^\/1\.0\/profiles$/,
    methods: { GET: { handle: listProfiles, allProjects, foreign: 'foreignLists' } },
  },
  {
    pattern: /^\/1\.0\/profiles\/([^/]+)$/,
    methods: { PUT: { handle: updateProfile, right: 'can_edit_profiles' } },
  },
  { pattern: /^\/1\.0\/storage-pools$/, methods: { GET: { handle: listPools, anyProject } } },
  {
    pattern: /^\/1\.0\/storage-pools\/([^/]+)\/resources$/,
    methods: { GET: { handle: getPoolResources, anyProject } },
  },
  {
    pattern: /^\/1\.0\/storage-pools\/([^/]+)\/volumes\/custom\/([^/]+)\/state$/,
    methods: { GET: { handle: getVolumeState } },
  },
  { pattern: /^\/1\.0\/events$/, methods: { GET: { handle: refuseEvents } } },
]

function instanceRoutes(name: string): Route[] {
  const where = ({ containersPath }: Dialect): boolean => name === 'instances' || containersPath
  return [
    {
      pattern: new RegExp(`^/1\\.0/${name}$`),
      where,
      methods: {
        GET: { handle: listInstances, allProjects, foreign: 'foreignLists' },
        POST: { handle: createInstance, right: 'can_create_instances' },
      },
    },
    {
      pattern: new RegExp(`^/1\\.0/${name}/([^/]+)$`),
      where,
      methods: {
        GET: { handle: getInstance, right: 'can_view_instances' },
        PATCH: { handle: patchInstance, right: 'can_edit_instances' },
        DELETE: { handle: deleteInstance, right: 'can_edit_instances' },
      },
    },
    {
      pattern: new RegExp(`^/1\\.0/${name}/([^/]+)/state$`),
      where,
      methods: { PUT: { handle: changeState } },
    },
    {
      pattern: new RegExp(`^/1\\.0/${name}/([^/]+)/metadata$`),
      where,
      methods: { GET: { handle: getInstanceMetadata, right: 'can_view_instances' } },
    },
    {
      pattern: new RegExp(`^/1\\.0/${name}/([^/]+)/snapshots$`),
      where,
      methods: { POST: { handle: createSnapshot, right: 'can_edit_instances' } },
    },
    {
      pattern: new RegExp(`^/1\\.0/${name}/([^/]+)/snapshots/([^/]+)$`),
      where,
      methods: { GET: { handle: getSnapshot, right: 'can_view_instances' } },
    },
  ]
}
