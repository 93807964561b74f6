import { HyperkitError } from '../errors/hyperkit-error.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import { pause } from '../http/pause.ts'
import { readClock } from '../http/read-clock.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import { createHolderReader } from './create-holder-reader.ts'
import { aliasLock, deletionLock } from './deletion-lock.ts'
import { holdLock, pollInterval } from './hold-lock.ts'
import type { LockHolder } from './lock-holder.ts'
import type { LockPlace } from './lock-place.ts'

/** Options of {@link outlastDeletion}. */
export interface OutlastDeletionOptions {
  signal?: AbortSignal | undefined
  /** Called once when another run is deleting the image. */
  onWait?: ((holder: LockHolder) => void) | undefined
}

/**
 * Waits while another run deletes an image. After an alias was pointed at the image, and after a lock of this run was, no later deletion
 * overlooks it: only one that has begun before has to be waited for.
 *
 * @throws {HyperkitError} `precondition-failed` if the image was deleted
 */
export async function outlastDeletion(
  client: LockPlace,
  fingerprint: string,
  { signal, onWait }: OutlastDeletionOptions = {},
): Promise<void> {
  let judge: ((description: string) => LockHolder | undefined) | undefined
  for (;;) {
    // One read shows both whether the image is still there, and whether a deletion holds its lock.
    const image = await client.images.find(fingerprint, { signal })
    if (image === undefined)
      throw new HyperkitError(
        'precondition-failed',
        `Cannot use image ${shortFingerprint(fingerprint)} on "${client.name}": another run has just deleted it; try again`,
        { server: client.name },
      )
    const lock = image.aliases.find(({ name }) => name === deletionLock)
    if (lock === undefined) return
    const isFirst = judge === undefined
    judge ??= judgeHolders(await readClock(client, { signal }))
    const holder = judge(lock.description)
    if (holder === undefined) return
    if (isFirst) onWait?.(holder)
    await pause(pollInterval, signal)
  }
}

/** Reads the holder of a lock; undefined once it has expired. */
function judgeHolders(clock: () => number): (description: string) => LockHolder | undefined {
  const read = createHolderReader(clock)
  return (description) => {
    const holder = read(description)
    return holder !== undefined && holder.expiresAt.getTime() > clock() ? holder : undefined
  }
}

/**
 * Removes the locks of a deletion and of a moved alias that killed runs have left, if they have expired.
 *
 * @param mayHave whether the server may have an alias of this name; only these are read
 */
export async function clearExpiredLocks(
  client: LockPlace,
  run: ClearingRun,
  mayHave: (name: string) => boolean = () => true,
): Promise<void> {
  for (const alias of [deletionLock, aliasLock]) if (mayHave(alias)) await clearExpired(client, alias, run)
}

interface ClearingRun {
  owner: string
  run: string
  signal?: AbortSignal | undefined
}

async function clearExpired(
  client: LockPlace,
  alias: string,
  { owner, run, signal }: ClearingRun,
): Promise<void> {
  const left = await client.aliases.find(alias, { signal })
  if (left === undefined) return
  try {
    // It is taken over before it is removed, so that the lock of a run that begins right now stays.
    const lock = await holdLock(client, {
      alias,
      target: left.target,
      owner,
      run,
      timeout: 0,
      signal,
      explain: () =>
        new HyperkitError('already-exists', `Another run holds "${alias}" on "${client.name}"`, {
          server: client.name,
        }),
    })
    await lock.release()
  } catch (error) {
    const isOver = isHyperkitError(error, 'not-found') || isHyperkitError(error, 'already-exists')
    if (!isOver) throw error
  }
}
