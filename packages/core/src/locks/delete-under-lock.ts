import { OperationError, ServerError } from '../errors/errors.ts'
import { HyperkitError } from '../errors/hyperkit-error.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import { readClock } from '../http/read-clock.ts'
import type { Image } from '../model/image.ts'
import { messageOf } from '../model/message-of.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import { deletionLock, isLockAlias } from './deletion-lock.ts'
import { holdLock, type Lock } from './hold-lock.ts'
import { type LockHolder, limitLease, readHolder } from './lock-holder.ts'
import type { LockPlace } from './lock-place.ts'

/** Options of {@link deleteUnderLock}. */
export interface DeleteUnderLockOptions {
  /** `user@host`, shown to other runs that wait for the lock. */
  owner: string
  /** The id of this deletion, which its lock shows. @default a new one */
  run?: string | undefined
  /** Names of locks that this run itself holds; that of any other run keeps the image. */
  own?: readonly string[] | undefined
  /** Whether the run that holds the lock of deletions has certainly ended. @default never */
  isOver?: ((holder: LockHolder) => boolean) | undefined
  /** Milliseconds to wait for a deletion of another run. @default 90000, longer than the lock of a killed run is valid */
  timeout?: number | undefined
  signal?: AbortSignal | undefined
  /** Called once for each other run that holds the lock. */
  onWait?: ((holder: LockHolder) => void) | undefined
  /** Called under the lock, before the image is read for the last time: for what takes long, as reading which images are in use. */
  prepare?: (() => Promise<void>) | undefined
  /** Called with the image right before it is deleted; a throw keeps it. Its aliases include locks. */
  check(image: Image): void
}

/** The calls of a client that a deletion needs. */
export interface DeletionPlace extends LockPlace {
  readonly images: LockPlace['images'] & {
    delete(fingerprint: string, options: { signal?: AbortSignal | undefined; sync: true }): Promise<unknown>
  }
}

/**
 * Deletes an image, unless another run is about to point an alias at it. Servers delete an image with all its aliases and compare no
 * ETag, so an alias that another client moves there between the last read and the deletion would vanish.
 *
 * The deletion holds {@link deletionLock} and then reads the image's aliases. A run that moves an alias first makes its own lock an alias
 * of the image, and then looks for the deletion's ({@link pointAlias}, {@link outlastDeletion}). So either the deletion sees the other run and keeps the
 * image, or the other run sees the deletion and waits. If it is not known how the deletion ended, its lock is left to expire: servers
 * do not cancel a deletion. Two gaps remain: a client that does neither, such as `lxc image alias`,
 * can point an alias at the image in the milliseconds between that read and the deletion, and so can another run if
 * the server deletes the image more than a lease after it was last heard of.
 *
 * @returns whether this call deleted the image; false if it was gone already
 * @throws {HyperkitError} `not-authorized` if this client may not create aliases: nothing is deleted without the lock
 */
export async function deleteUnderLock(
  client: DeletionPlace,
  fingerprint: string,
  options: DeleteUnderLockOptions,
): Promise<boolean> {
  const { signal, prepare, check } = options
  const { run = crypto.randomUUID() } = options
  const lock = await lockDeletion(client, fingerprint, run, options)
  if (lock === undefined) return false
  let mayGoOn = false
  try {
    await prepare?.()
    const clock = await readClock(client, { signal })
    const image = await client.images.find(fingerprint, { signal })
    if (image === undefined) return false
    refuseOthers(client, image, { run, now: clock(), own: options.own ?? [] })
    check(image)
    signal?.throwIfAborted()
    await client.images.delete(fingerprint, { signal, sync: true }).catch((error: unknown) => {
      mayGoOn = !hasEnded(error)
      throw error
    })
    return true
  } catch (error) {
    if (isHyperkitError(error, 'not-found')) return false
    throw error
  } finally {
    if (mayGoOn) lock.leave()
    else await lock.release().catch(() => {})
  }
}

/** Whether a deletion that failed is certainly over. After an abort or a broken connection the server may still go on with it. */
function hasEnded(error: unknown): boolean {
  // A proxy answers with one of these if the server has not answered it in time.
  if (error instanceof ServerError) return ![502, 503, 504].includes(error.status)
  return error instanceof OperationError || isHyperkitError(error, 'not-found')
}

async function lockDeletion(
  client: LockPlace,
  fingerprint: string,
  run: string,
  { owner, timeout = 90_000, signal, isOver, onWait }: DeleteUnderLockOptions,
): Promise<Lock | undefined> {
  const cannot = `Cannot delete image ${shortFingerprint(fingerprint)} from "${client.name}"`
  const { name: server } = client
  try {
    return await holdLock(client, {
      alias: deletionLock,
      target: fingerprint,
      owner,
      run,
      timeout,
      signal,
      isOver,
      onWait,
      explain: (holder) =>
        new HyperkitError(
          'already-exists',
          `${cannot}: ${holder?.owner ?? 'another run'} is deleting an image there${holder === undefined ? '' : ` until ${holder.expiresAt.toISOString()}`}; try again then`,
          { server },
        ),
    })
  } catch (error) {
    if (isHyperkitError(error, 'not-found')) return undefined
    if (!isHyperkitError(error, 'not-authorized')) throw error
    throw new HyperkitError(
      'not-authorized',
      `${cannot} without the alias "${deletionLock}", which keeps other runs from pointing an alias at it meanwhile: ${messageOf(error)}`,
      { server, cause: error },
    )
  }
}

function refuseOthers(
  client: LockPlace,
  { fingerprint, aliases }: Image,
  { run, now, own }: { run: string; now: number; own: readonly string[] },
): void {
  const refuse = (why: string): HyperkitError =>
    new HyperkitError(
      'precondition-failed',
      `Cannot delete image ${shortFingerprint(fingerprint)} from "${client.name}": ${why}`,
      { server: client.name },
    )
  const held = aliases.find(({ name }) => name === deletionLock)
  if (held === undefined || readHolder(held.description)?.run !== run)
    throw refuse('this run has lost the lock of its deletion, which took longer than it was valid; try again')
  for (const { name, description } of aliases) {
    if (!isLockAlias(name) || name === deletionLock || own.includes(name)) continue
    const read = readHolder(description)
    const holder = read && limitLease(read, now)
    if (holder !== undefined && holder.expiresAt.getTime() > now)
      throw refuse(
        `the run of ${holder.owner} that holds "${name}" works with it; try again when it has ended`,
      )
  }
}
