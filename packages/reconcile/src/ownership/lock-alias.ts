export type { LockHolder } from '@hyperkit/core/parts'

/** Aliases with this prefix are the locks of running commands. They do not count as names of an image, and do not keep it from being removed. */
export const lockPrefix = 'hyperkit.lock/'

export function isLockAlias(name: string): boolean {
  return name.startsWith(lockPrefix)
}
