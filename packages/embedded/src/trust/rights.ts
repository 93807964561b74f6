import type { Permission } from '../records/permission.ts'

/** The rights of a caller. */
export interface Rights {
  readonly trusted: boolean
  /** Projects of a restricted certificate; `undefined` means all. */
  readonly projects: readonly string[] | undefined
  /** The permissions of a fine-grained identity's groups; `undefined` for other callers. */
  readonly permissions: readonly Permission[] | undefined
}

/** What a caller may do in a project; the names of LXD's fine-grained authorisation. */
export type Right =
  | 'can_view'
  | 'can_view_images'
  | 'can_create_images'
  | 'can_edit_images'
  | 'can_delete_images'
  | 'can_view_image_aliases'
  | 'can_create_image_aliases'
  | 'can_edit_image_aliases'
  | 'can_delete_image_aliases'
  | 'can_view_instances'
  | 'can_create_instances'
  | 'can_edit_instances'
  | 'can_view_profiles'
  | 'can_edit_profiles'
  | 'can_view_operations'
  | 'can_view_events'

const viewsServer = ['admin', 'viewer', 'project_manager', 'can_view_projects']
const editsServer = ['admin', 'project_manager', 'can_edit_projects']
const viewing = (role: string) => ({ server: viewsServer, project: ['operator', 'viewer', role] })
const changing = (role: string) => ({ server: editsServer, project: ['operator', role] })

/** Entitlements on the server and on the project that include a right, besides the right itself (as in LXD's model). */
const includedIn: Readonly<Record<Right, { server: readonly string[]; project: readonly string[] }>> = {
  can_view: { server: viewsServer, project: ['operator', 'viewer'] },
  can_view_images: viewing('image_manager'),
  can_create_images: changing('image_manager'),
  can_edit_images: changing('image_manager'),
  can_delete_images: changing('image_manager'),
  can_view_image_aliases: viewing('image_alias_manager'),
  can_create_image_aliases: changing('image_alias_manager'),
  can_edit_image_aliases: changing('image_alias_manager'),
  can_delete_image_aliases: changing('image_alias_manager'),
  can_view_instances: viewing('instance_manager'),
  can_create_instances: changing('instance_manager'),
  can_edit_instances: changing('instance_manager'),
  can_view_profiles: viewing('profile_manager'),
  can_edit_profiles: changing('profile_manager'),
  can_view_operations: { server: viewsServer, project: ['operator', 'viewer'] },
  can_view_events: { server: viewsServer, project: ['operator', 'viewer'] },
}

/** Whether the peer has a right in a project. */
export function may(peer: Rights, right: Right, project: string): boolean {
  if (!peer.trusted) return false
  if (peer.permissions === undefined) return peer.projects === undefined || peer.projects.includes(project)
  const { server, project: roles } = includedIn[right]
  return peer.permissions.some(({ entity_type: type, url, entitlement }) => {
    if (type === 'server') return server.includes(entitlement)
    if (type !== 'project' || url !== `/1.0/projects/${encodeURIComponent(project)}`) return false
    return entitlement === right || roles.includes(entitlement)
  })
}

/** Whether the peer has a right on one image, alias or instance: by its project, or by a permission on the entity itself. */
export function mayWith(peer: Rights, right: Right, project: string, url: string): boolean {
  if (may(peer, right, project)) return true
  const own = /^can_([a-z]+)_/.exec(right)?.[1]
  // A right to change an entity includes the right to view it.
  const enough = own === 'view' ? ['can_view', 'can_edit', 'can_delete'] : [`can_${own}`]
  const grants = peer.trusted ? (peer.permissions ?? []) : []
  return grants.some((one) => enough.includes(one.entitlement) && sameThing(one.url, url, project))
}

/** Whether the peer administers the server. */
export function mayAdminister(peer: Rights): boolean {
  if (!peer.trusted || peer.projects !== undefined) return false
  return peer.permissions === undefined || peer.permissions.some(grantsServer)
}

function grantsServer({ entity_type: type, entitlement }: Permission): boolean {
  return type === 'server' && entitlement === 'admin'
}

function sameThing(granted: string, url: string, project: string): boolean {
  const [path = '', query = ''] = granted.split('?')
  return path === url && (new URLSearchParams(query).get('project') ?? 'default') === project
}
