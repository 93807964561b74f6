import { type LockHolder, limitLease, readHolder } from './lock-holder.ts'

/**
 * Reads the holder from the descriptions of a lock, one after the other. A lock of a clock that is ahead counts for one lease from the
 * moment when it was first seen, and for one more whenever its run renews it.
 *
 * @param clock the server's time in milliseconds since 1970
 */
export function createHolderReader(clock: () => number): (description: string) => LockHolder | undefined {
  let seen: { description: string; at: number } | undefined
  return (description) => {
    if (seen?.description !== description) seen = { description, at: clock() }
    const holder = readHolder(description)
    return holder && limitLease(holder, seen.at)
  }
}
