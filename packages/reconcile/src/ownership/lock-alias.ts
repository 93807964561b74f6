/** Aliases that begin so are locks of runs under way: they give an image no name, and hold none back from going. */
export const lockPrefix = 'hyperkit.lock/'

export function isLockAlias(name: string): boolean {
  return name.startsWith(lockPrefix)
}

/** Who holds a lock, and until when it counts if nobody renews it. */
export interface LockHolder {
  /** `user@host`, for people. */
  owner: string
  /** Another for each run. */
  run: string
  expiresAt: Date
}

const written = /^locked by (.+) in run ([0-9a-f-]{36}) until (\S+)$/

/** The description of the alias that is the lock. */
export function writeHolder({ owner, run, expiresAt }: LockHolder): string {
  return `locked by ${owner} in run ${run} until ${expiresAt.toISOString()}`
}

/** Undefined for what no run has written. */
export function readHolder(description: string): LockHolder | undefined {
  const [, owner = '', run = '', until = ''] = written.exec(description) ?? []
  const expiresAt = new Date(until)
  return run === '' || Number.isNaN(expiresAt.getTime()) ? undefined : { owner, run, expiresAt }
}
