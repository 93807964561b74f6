import { holds, type Permission, serverEntitlement } from '../model/caller.ts'

/** A project, and whether its images and profiles are its own or those of `default`. */
export interface UsageProject {
  name: string
  ownImages: boolean
  ownProfiles: boolean
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
  const lacking = [
    ...(holds(permissions, 'can_view_instances', name) ? [] : [`"can_view_instances" on project "${name}"`]),
    ...(holds(permissions, 'can_view_profiles', name) ? [] : [`"can_view_profiles" on project "${name}"`]),
    // Without profiles of its own its instances have those of `default`.
    ...(ownProfiles || holds(permissions, 'can_view_profiles', 'default')
      ? []
      : ['"can_view_profiles" on project "default"']),
  ]
  return lacking.length === 0 ? undefined : `entitlement ${lacking.join(' and ')}`
}
