/** What a server says of the client that asks. */
export interface Caller {
  kind: 'lxd' | 'incus'
  trusted: boolean
  /** `auth_user_method`: `unix`, `tls`, `oidc`, `bearer`; undefined where the server does not tell, as LXD 5.0.2. */
  method: string | undefined
  /** The server's configuration, as far as this client is shown it. */
  config: Readonly<Record<string, unknown>> | null | undefined
  /** Of LXD 5.21 and newer, over the network. `unread`: there is one, and its answer was not understood. */
  identity?: CallerIdentity | 'unread' | undefined
}

/** From `GET /1.0/auth/identities/current`. */
export interface CallerIdentity {
  type: string
  /** Undefined in the first versions with identities. */
  fineGrained: boolean | undefined
  permissions: readonly Permission[]
}

/** What a group of the identity grants. */
export interface Permission {
  entityType: string
  /** `/1.0`, `/1.0/projects/web`. */
  url: string
  entitlement: string
}

/**
 * Whether everything that may use the images of a project is shown to a client: the instances and profiles of all projects
 * that share these images. A server leaves out of its listings what a client may not see, without a word, so only what is
 * said of the client itself proves that nothing was left out; whatever is not proven is denied.
 *
 * `whole`: no project is hidden. `some`: it depends on the project, see {@link holds}. Else what this client
 * lacks, to be said after "this client lacks".
 */
export function judgeCaller(caller: Caller): 'whole' | 'some' | { missing: string } {
  const { kind, trusted, method, identity } = caller
  if (!trusted) return { missing: 'the trust of the server' }
  // Who may open the socket is root there. The sockets of incus-user and lxd-user, for everybody else, show a certificate.
  if (method === 'unix') return 'whole'
  if (isFineGrained(caller) !== false) return permissionsOf(caller).some(showsAllProjects) ? 'whole' : 'some'
  const decider = findDecider(caller)
  if (decider !== undefined)
    return {
      missing: `proof of the right to see all projects, as "${decider}" of the server decides who sees what (root's unix socket needs no proof)`,
    }
  if (showsConfig(caller)) return 'whole'
  const ways = kind === 'lxd' && identity ? `, or an identity with ${serverEntitlement}` : ''
  return {
    missing: `the right to see all projects (it takes an unrestricted certificate or token, root's unix socket${ways})`,
  }
}

/**
 * Whether the groups of an identity say what a client may (LXD 5.21 and newer). Undefined where the identity could not be read:
 * that proves neither.
 */
export function isFineGrained({ identity }: Pick<Caller, 'identity'>): boolean | undefined {
  if (identity === undefined) return false
  if (identity === 'unread') return undefined
  return identity.fineGrained ?? identity.type !== unrestricted
}

/** Of a fine-grained identity. */
export function permissionsOf({ identity }: Pick<Caller, 'identity'>): readonly Permission[] {
  return identity === undefined || identity === 'unread' ? [] : identity.permissions
}

const unrestricted = 'Client certificate (unrestricted)'
export const serverEntitlement = 'entitlement "viewer" on the server'

/** By the authorisation models of LXD 5.21 and 6.9: each of these includes `can_view_projects`, and that shows all that projects have. */
const ofAllProjects = new Set(['admin', 'viewer', 'project_manager', 'can_view_projects'])

function showsAllProjects({ entityType, entitlement }: Permission): boolean {
  return entityType === 'server' && ofAllProjects.has(entitlement)
}

/**
 * The configuration is shown to those who may see or change the whole server. Over the network it is not empty then: a
 * server that can be reached has `core.https_address` or `cluster.https_address` (LXD 5.0.2+git can lose it, T50; where
 * nothing is left, nothing is proven). What begins with `user.` says nothing: Incus shows `user.ui.*` to everybody.
 */
function showsConfig({ kind, method, config }: Caller): boolean {
  if (config === null || config === undefined) return false
  const keys = Object.keys(config)
  // LXD 5.0.2 does not say how a client came; to restricted ones it shows no configuration at all, to root's socket an empty one.
  if (keys.length === 0) return kind === 'lxd' && method === undefined
  return keys.some((key) => !key.startsWith('user.'))
}

/**
 * The key of the configuration by which a script or OpenFGA decides about a client: these can show the configuration and hide
 * an instance (done by a script on Incus 6.0.4 and 7.0.2). OpenFGA leaves certificates alone, where nothing else is said.
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

/** What shows the things of a project, by the same models: `operator`, say, shows all of them. */
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
