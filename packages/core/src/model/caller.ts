/** What a server says about the client that asks. */
export interface Caller {
  kind: 'lxd' | 'incus'
  trusted: boolean
  /** `auth_user_method`: `unix`, `tls`, `oidc` or `bearer`; undefined if the server does not report it, like LXD 5.0.2. */
  method: string | undefined
  /** The server's configuration, as far as this client may see it. */
  config: Readonly<Record<string, unknown>> | null | undefined
  /** Of LXD 5.21 and newer, over the network. `unread` if the answer about it was not understood. */
  identity?: CallerIdentity | 'unread' | undefined
}

/** From `GET /1.0/auth/identities/current`. */
export interface CallerIdentity {
  type: string
  /** Undefined on the first versions with identities. */
  fineGrained: boolean | undefined
  permissions: readonly Permission[]
}

/** A permission that a group of the identity grants. */
export interface Permission {
  entityType: string
  /** `/1.0`, `/1.0/projects/web`. */
  url: string
  entitlement: string
}

/**
 * Whether a client sees everything that may use the images of a project: the instances and profiles of all projects that share these
 * images. Servers silently leave out of their listings what a client may not see, so only what the server says about the client itself
 * proves that nothing is missing. Whatever is not proven counts as hidden.
 *
 * `whole`: no project is hidden. `some`: it depends on the project, see {@link holds}. Otherwise what this client lacks, in words that
 * follow "this client lacks".
 */
export function judgeCaller(caller: Caller): 'whole' | 'some' | { missing: string } {
  const { kind, trusted, method, identity } = caller
  if (!trusted) return { missing: 'the trust of the server' }
  // A client that may open the socket has root's rights. The sockets of incus-user and lxd-user, for other users, present a certificate.
  if (method === 'unix') return 'whole'
  if (isFineGrained(caller) !== false) return permissionsOf(caller).some(showsAllProjects) ? 'whole' : 'some'
  const decider = findDecider(caller)
  if (decider !== undefined)
    return {
      missing: `proof that it sees all projects, because "${decider}" of the server decides what each client sees (root's unix socket needs no proof)`,
    }
  if (showsConfig(caller)) return 'whole'
  const ways = kind === 'lxd' && identity ? `, or an identity with ${serverEntitlement}` : ''
  return {
    missing: `the right to see all projects (that needs an unrestricted certificate or token, root's unix socket${ways})`,
  }
}

/**
 * Whether the groups of an identity decide about its rights (LXD 5.21 and newer). Undefined if the identity could not be read.
 */
export function isFineGrained({ identity }: Pick<Caller, 'identity'>): boolean | undefined {
  if (identity === undefined) return false
  if (identity === 'unread') return undefined
  return identity.fineGrained ?? identity.type !== unrestricted
}

/** The permissions of a fine-grained identity. */
export function permissionsOf({ identity }: Pick<Caller, 'identity'>): readonly Permission[] {
  return identity === undefined || identity === 'unread' ? [] : identity.permissions
}

const unrestricted = 'Client certificate (unrestricted)'
export const serverEntitlement = 'entitlement "viewer" on the server'

/** From the authorization models of LXD 5.21 and 6.9: each of these includes `can_view_projects`, which shows everything in all projects. */
const ofAllProjects = new Set(['admin', 'viewer', 'project_manager', 'can_view_projects'])

function showsAllProjects({ entityType, entitlement }: Permission): boolean {
  return entityType === 'server' && ofAllProjects.has(entitlement)
}

/**
 * Servers show their configuration only to clients that may see or change the whole server. Over the network it is not empty then,
 * because a server that can be reached has `core.https_address` or `cluster.https_address`. (LXD 5.0.2+git can lose it, T50; an empty
 * configuration proves nothing.) Keys that begin with `user.` do not count: Incus shows `user.ui.*` to everybody.
 */
function showsConfig({ kind, method, config }: Caller): boolean {
  if (config === null || config === undefined) return false
  const keys = Object.keys(config)
  // LXD 5.0.2 does not report the method. It shows restricted clients no configuration at all, and root's socket an empty one.
  if (keys.length === 0) return kind === 'lxd' && method === undefined
  return keys.some((key) => !key.startsWith('user.'))
}

/**
 * The configuration key by which a script or OpenFGA decides about a client. These can show the configuration but hide an instance (a
 * script did so on Incus 6.0.4 and 7.0.2). OpenFGA does not apply to certificates unless the configuration says so.
 */
function findDecider({ method, config }: Caller): string | undefined {
  const keys = Object.keys(config ?? {})
  // Incus 7.0.2 and newer have these.
  const chosen = [`authorization.client.${method}`, 'authorization.client.default'].find((key) =>
    keys.includes(key),
  )
  if (chosen !== undefined) return config?.[chosen] === 'allow' ? undefined : chosen
  if (keys.includes('authorization.scriptlet')) return 'authorization.scriptlet'
  return method === 'tls' ? undefined : keys.find((key) => key.startsWith('openfga.'))
}

/** The entitlements that show the things of a project, from the same models, besides `viewer` and `operator`. */
const ofProject = {
  can_view_images: ['image_manager', 'can_edit_images', 'can_delete_images'],
  can_view_image_aliases: ['image_alias_manager', 'can_edit_image_aliases', 'can_delete_image_aliases'],
  can_view_instances: ['instance_manager'],
  can_view_profiles: ['profile_manager'],
  can_view_operations: [],
} as const

/** Whether one of the permissions shows all of a project's images, aliases, instances, profiles or operations. */
export function holds(
  permissions: readonly Permission[],
  what: keyof typeof ofProject,
  project: string,
): boolean {
  const enough: readonly string[] = [what, 'viewer', 'operator', ...ofProject[what]]
  return permissions.some(
    ({ entityType, url, entitlement }) =>
      entityType === 'project' && projectOf(url) === project && enough.includes(entitlement),
  )
}

function projectOf(url: string): string {
  return decodeURIComponent(/^\/1\.0\/projects\/([^/?]+)$/.exec(url)?.[1] ?? '')
}
