/** What a server says of the client that asks. */
export interface Caller {
  kind: 'lxd' | 'incus'
  trusted: boolean
  /** `auth_user_method`: `unix`, `tls`, `oidc`, `bearer`; undefined where the server does not tell, as LXD 5.0.2. */
  method: string | undefined
  /** The server's configuration, as far as this client is shown it. */
  config: Readonly<Record<string, unknown>> | null | undefined
  /** Of LXD 5.21 and newer, over the network. */
  identity?: CallerIdentity | undefined
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

/** A project, and whether its images and profiles are its own or those of `default`. */
export interface UsageProject {
  name: string
  ownImages: boolean
  ownProfiles: boolean
}

/**
 * Whether everything that may use the images of a project is shown to a client: the instances and profiles of all projects
 * that share these images. A server leaves out of its listings what a client may not see, without a word, so only what is
 * said of the client itself proves that nothing was left out; whatever is not proven is denied.
 *
 * `whole`: no project is hidden. `some`: it depends on the project, see {@link findMissingEntitlements}. Else what this client
 * lacks, to be said after "this client lacks".
 */
export function judgeCaller(caller: Caller): 'whole' | 'some' | { missing: string } {
  const { kind, trusted, method, identity } = caller
  if (!trusted) return { missing: 'the trust of the server' }
  // Who may open the socket is root there. The sockets of incus-user and lxd-user, for everybody else, show a certificate.
  if (method === 'unix') return 'whole'
  const isFineGrained = identity?.fineGrained ?? (identity && identity.type !== unrestricted)
  if (isFineGrained) return identity?.permissions.some(showsAllProjects) ? 'whole' : 'some'
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

const unrestricted = 'Client certificate (unrestricted)'
const serverEntitlement = 'entitlement "viewer" on the server'

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

/** What shows the instances of a project, and what its profiles; `operator`, say, shows both. */
const ofProject: Readonly<Record<'can_view_instances' | 'can_view_profiles', readonly string[]>> = {
  can_view_instances: ['can_view_instances', 'viewer', 'operator', 'instance_manager'],
  can_view_profiles: ['can_view_profiles', 'viewer', 'operator', 'profile_manager'],
}

/**
 * What a fine-grained identity lacks to see all that may use the images of a project, to be said after "this client lacks".
 *
 * The images of `default` are those of all projects with `features.images=false`, and which ones there are is seen only by
 * those who may see all projects.
 */
export function findMissingEntitlements(
  permissions: readonly Permission[],
  { name, ownImages, ownProfiles }: UsageProject,
): string | undefined {
  if (!ownImages || name === 'default')
    return `${serverEntitlement} (any project may use the images of "default")`
  const holds = (what: keyof typeof ofProject, project: string): boolean =>
    permissions.some(
      ({ entityType, url, entitlement }) =>
        entityType === 'project' && projectOf(url) === project && ofProject[what].includes(entitlement),
    )
  const lacking = [
    ...(holds('can_view_instances', name) ? [] : [`"can_view_instances" on project "${name}"`]),
    ...(holds('can_view_profiles', name) ? [] : [`"can_view_profiles" on project "${name}"`]),
    // Without profiles of its own its instances have those of `default`.
    ...(ownProfiles || holds('can_view_profiles', 'default')
      ? []
      : ['"can_view_profiles" on project "default"']),
  ]
  return lacking.length === 0 ? undefined : `entitlement ${lacking.join(' and ')}`
}

function projectOf(url: string): string {
  return decodeURIComponent(/^\/1\.0\/projects\/([^/?]+)$/.exec(url)?.[1] ?? '')
}
