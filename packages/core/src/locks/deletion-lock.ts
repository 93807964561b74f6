/** Aliases with this prefix are the locks of running commands. They do not count as names of an image. */
const lockPrefix = 'hyperkit.lock/'

/**
 * The lock of whatever deletes images on a server, one for each project: an alias of the image that is deleted, so that it is gone with
 * the image. No manifest's name begins with a dot, so it is never the lock of a manifest.
 */
export const deletionLock = `${lockPrefix}.delete`

/** The lock of whatever moves an alias, one for each project: an alias of the image that gets it, so that no deletion overlooks the run. */
export const aliasLock = `${lockPrefix}.alias`

/** Whether an alias is the lock of a run, and not a name of its image. */
export function isLockAlias(name: string): boolean {
  return name.startsWith(lockPrefix)
}
