import { holds, type Permission, serverEntitlement } from '../model/caller.ts'

/** A project, and whether its images and profiles are its own or those of `default`. */
export interface UsageProject {
  name: string
  ownImages: boolean
  ownProfiles: boolean
}

/**
 * What a fine-grained identity lacks to see everything that may use the images of a project, in words that follow "this client lacks".
 *
 * The images of `default` are shared by all projects with `features.images=false`, and only a client that may view all projects knows
 * which projects these are.
 */
export function findMissingEntitlements(
  permissions: readonly Permission[],
  { name, ownImages, ownProfiles }: UsageProject,
): string | undefined {
  if (!ownImages || name === 'default')
    return `${serverEntitlement} (any project may use the images of "default")`
  const lacking = [
    ...(holds(permissions, 'can_view_instances', name) ? [] : [`"can_view_instances" on project "${name}"`]),
    ...(holds(permissions, 'can_view_profiles', name) ? [] : [`"can_view_profiles" on project "${name}"`]),
    // The instances of a project without profiles of its own use those of `default`.
    ...(ownProfiles || holds(permissions, 'can_view_profiles', 'default')
      ? []
      : ['"can_view_profiles" on project "default"']),
  ]
  return lacking.length === 0 ? undefined : `entitlement ${lacking.join(' and ')}`
}
