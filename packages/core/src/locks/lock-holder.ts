/** The run that holds a lock, and until when the lock is valid if the run does not renew it. */
export interface LockHolder {
  /** `user@host`, for messages. */
  owner: string
  /** The unique id of the run. */
  run: string
  expiresAt: Date
  /** What the lock itself says, if that is so late that only a wrong clock explains it; then `expiresAt` is {@link limitLease}'s. */
  claimed?: Date
}

/** Milliseconds for which a lock is valid after it was renewed: the lock of a killed run stops others no longer than this. */
export const lease = 60_000

/**
 * The holder of a lock, with the time until which the lock counts. A run writes a lease from the server's time. If a server's answers
 * have no `Date`, it writes one from its own clock: a lock that is valid for more than two leases comes from a clock that is ahead, and
 * counts for one lease from the moment when it was first seen.
 *
 * @param seenAt milliseconds since 1970, by the server's clock
 */
export function limitLease(holder: LockHolder, seenAt: number): LockHolder {
  const { expiresAt } = holder
  if (expiresAt.getTime() <= seenAt + 2 * lease) return holder
  return { ...holder, expiresAt: new Date(seenAt + lease), claimed: expiresAt }
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
