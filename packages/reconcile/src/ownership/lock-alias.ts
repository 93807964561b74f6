/** Aliases with this prefix are the locks of running commands. They do not count as names of an image, and do not keep it from being removed. */
export const lockPrefix = 'hyperkit.lock/'

export function isLockAlias(name: string): boolean {
  return name.startsWith(lockPrefix)
}

/** The run that holds a lock, and until when the lock is valid if the run does not renew it. */
export interface LockHolder {
  /** `user@host`, for messages. */
  owner: string
  /** The unique id of the run. */
  run: string
  expiresAt: Date
}

const written = /^locked by (.+) in run ([0-9a-f-]{36}) until (\S+)$/

/** The description of the alias that is the lock. */
export function writeHolder({ owner, run, expiresAt }: LockHolder): string {
  return `locked by ${owner} in run ${run} until ${expiresAt.toISOString()}`
}

/** Reads the description of a lock; undefined if no run has written it. */
export function readHolder(description: string): LockHolder | undefined {
  const [, owner = '', run = '', until = ''] = written.exec(description) ?? []
  const expiresAt = new Date(until)
  return run === '' || Number.isNaN(expiresAt.getTime()) ? undefined : { owner, run, expiresAt }
}
