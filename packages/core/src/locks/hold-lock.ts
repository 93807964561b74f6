import { postAlias } from '../aliases/post-alias.ts'
import { TransportError } from '../errors/errors.ts'
import type { HyperkitError } from '../errors/hyperkit-error.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import { pause } from '../http/pause.ts'
import { readClock } from '../http/read-clock.ts'
import type { Alias } from '../model/alias.ts'
import { createHolderReader } from './create-holder-reader.ts'
import { type LockHolder, lease, readHolder, writeHolder } from './lock-holder.ts'
import type { LockPlace } from './lock-place.ts'

/** Options of {@link holdLock}. */
export interface HoldLockOptions {
  /** The name of the alias that is the lock. */
  alias: string
  /** The fingerprint of the image that the alias points at. If the image is deleted, the lock goes with it. */
  target: string
  /** `user@host`, shown to other runs that wait for the lock. */
  owner: string
  /** Different for each run; a run that holds the lock already gets it again. */
  run: string
  /** Whether a holder works for the same command as this run, which waits for it however long that takes. @default never */
  isOurs?: ((holder: LockHolder) => boolean) | undefined
  /** Milliseconds to wait for another run. */
  timeout: number
  signal?: AbortSignal | undefined
  /** Whether the run that holds it has certainly ended, so that its lock need not expire. @default never */
  isOver?: ((holder: LockHolder) => boolean) | undefined
  /** Called once for each other run that holds it. */
  onWait?: ((holder: LockHolder) => void) | undefined
  /** The error after the timeout. */
  explain(holder: LockHolder | undefined): HyperkitError
}

/** A lock that this run holds, and renews until it is released. */
export interface Lock {
  /** Whether another run took it while this one tried to. It may have released it unseen, so that `onWait` was not called. */
  wasTaken: boolean
  /** Removes the lock, if this run still holds it. */
  release(): Promise<void>
  /** Renews it no longer, and leaves it to expire. */
  leave(): void
}

/** Milliseconds between two renewals of a lock. */
const renewInterval = lease / 3

/** Milliseconds between two looks at a lock that another run holds. */
export const pollInterval = 500

/**
 * Takes a lock, which is an alias: every client that may write images may write aliases, and LXD and Incus both create an alias
 * atomically (one 201, the others 409) and compare its ETag atomically. Its description says which run holds it, and until when by the
 * server's clock, so that the clocks of the machines that run Hyperkit do not matter.
 *
 * @throws {HyperkitError} that of `explain` if another run still holds it after the timeout; `not-found` if the image is gone
 */
export async function holdLock(client: LockPlace, options: HoldLockOptions): Promise<Lock> {
  const { alias, run, signal } = options
  const clock = await readClock(client, { signal })
  const read = createHolderReader(clock)
  let end = performance.now() + options.timeout
  let awaited: string | undefined
  let wasTaken = false
  let hasLost = false
  let late: string | undefined
  for (;;) {
    const now = await client.aliases.find(alias, { signal })
    const holder = now && read(now.description)
    const isLate = late !== undefined && now?.description === late
    // Read again at once: an entry of the same command that took it has made no changes that are unknown here.
    if (hasLost && !isLate) wasTaken ||= holder === undefined || options.isOurs?.(holder) !== true
    if (holder?.run === run && !isLate) return { wasTaken, release: async () => {}, leave: () => {} }
    const isFree =
      isLate ||
      holder === undefined ||
      holder.expiresAt.getTime() <= clock() ||
      options.isOver?.(holder) === true
    late = undefined
    if (isFree) {
      const claimed = await claimOrLeave(client, now, clock, options)
      if (claimed === 'held') break
      if (claimed !== undefined && isLate && performance.now() >= end) throw await tooSlow(client, options)
      late = claimed?.late
    }
    const isSecond = hasLost
    hasLost = isFree
    if (late !== undefined || (hasLost && !isSecond)) continue
    if (holder !== undefined && options.isOurs?.(holder)) end = performance.now() + options.timeout
    else if (performance.now() >= end && !isFree) throw options.explain(holder)
    if (holder !== undefined && holder.run !== awaited) options.onWait?.(holder)
    awaited = holder?.run ?? awaited
    await pause(pollInterval, signal)
  }
  const timer = setInterval(() => void renew(client, options).catch(() => {}), renewInterval)
  const leave = (): void => clearInterval(timer)
  return {
    wasTaken,
    async release() {
      leave()
      await removeLock(client, alias, run)
    },
    leave,
  }
}

/** Milliseconds in which a lock has to be removed, so that an interrupted run ends although its server hangs. */
const removalTimeout = 10_000

/**
 * Removes a lock. If the connection breaks, it is tried once more, but not on the lock of a run that has taken it in between.
 *
 * @param run removes only the lock of this run
 * @returns the run that held it
 */
export async function removeLock(
  client: LockPlace,
  alias: string,
  run?: string,
): Promise<LockHolder | undefined> {
  // A lock is released after an abort too.
  const signal = AbortSignal.timeout(removalTimeout)
  let seen: LockHolder | undefined
  const removeOnce = async (): Promise<void> => {
    const now = await client.aliases.find(alias, { signal })
    if (now === undefined) return
    const holder = readHolder(now.description) ?? { owner: 'unknown', run: '', expiresAt: new Date(0) }
    if (holder.run !== (run ?? seen?.run ?? holder.run)) return
    seen = holder
    try {
      const isStillMeant = ({ description }: Alias): boolean =>
        (readHolder(description)?.run ?? '') === holder.run
      await client.aliases.delete(alias, { signal, isStillMeant })
    } catch (error) {
      if (!isHyperkitError(error, 'not-found')) throw error
    }
  }
  try {
    await removeOnce()
  } catch (error) {
    // After one broken connection the lock would stay until it expires.
    if (!(error instanceof TransportError)) throw error
    await removeOnce()
  }
  return seen
}

/** Like {@link claim}; but if it is not known whether this run got the lock, as after an abort, the lock is removed. */
async function claimOrLeave(
  client: LockPlace,
  now: Alias | undefined,
  clock: () => number,
  options: HoldLockOptions,
): Promise<Claimed> {
  try {
    return await claim(client, now, clock, options)
  } catch (error) {
    if (options.signal?.aborted || error instanceof TransportError)
      await removeLock(client, options.alias, options.run).catch(() => {})
    throw error
  }
}

/**
 * Whether this run got the lock; undefined if another one did. If the answer was lost or slow, the lock may have been written long ago and
 * may no longer be valid: it is late then, and has to be claimed once more under its ETag, which shows whether it was taken meanwhile.
 */
type Claimed = 'held' | { late: string } | undefined

async function claim(
  client: LockPlace,
  now: Alias | undefined,
  clock: () => number,
  { alias, target, owner, run, signal }: HoldLockOptions,
): Promise<Claimed> {
  const began = clock()
  const description = writeHolder({ owner, run, expiresAt: new Date(began + lease) })
  try {
    if (now === undefined) await postAlias(client, alias, { target, description }, { signal })
    else await client.aliases.update(alias, { target, description }, { signal, ifMatch: now.etag })
    // By now a lock that is held would have been renewed.
    return clock() - began < renewInterval ? 'held' : { late: description }
  } catch (error) {
    const isTaken = (['already-exists', 'precondition-failed', 'not-found'] as const).some((code) =>
      isHyperkitError(error, code),
    )
    if (!isTaken) throw error
    // Without its image there is nothing to lock. A server answers 404 for a missing alias too.
    if (isHyperkitError(error, 'not-found') && (await client.images.find(target, { signal })) === undefined)
      throw error
    return undefined
  }
}

async function tooSlow(client: LockPlace, { alias, run }: HoldLockOptions): Promise<TransportError> {
  await removeLock(client, alias, run).catch(() => {})
  return new TransportError(
    'timeout',
    `Cannot hold the lock ${JSON.stringify(alias)} on "${client.name}": the server needed more than ${renewInterval / 1000} s to write it, again and again, and it is valid for ${lease / 1000} s; see what keeps the server busy, then try again`,
    { server: client.name },
  )
}

async function renew(client: LockPlace, { alias, owner, run, signal }: HoldLockOptions): Promise<void> {
  const now = await client.aliases.find(alias, { signal })
  if (now === undefined || readHolder(now.description)?.run !== run) return
  // Read again, because a machine that slept does not count that time.
  const clock = await readClock(client, { signal })
  const description = writeHolder({ owner, run, expiresAt: new Date(clock() + lease) })
  await client.aliases.update(alias, { description }, { signal, ifMatch: now.etag })
}
