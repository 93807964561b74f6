import { type Alias, type Client, HyperkitError, isHyperkitError } from '@hyperkit/core'
import { pause, readClock } from '@hyperkit/core/parts'
import { isLockAlias, type LockHolder, lease, readHolder, writeHolder } from '../ownership/lock-alias.ts'
import { explainClaim } from '../render/render-waiting.ts'
import { createHolderReader } from './create-holder-reader.ts'
import { lockAliasesOf, lockAliasOf } from './lock-alias-of.ts'

/** Options of {@link takeLock}. */
export interface TakeLockOptions {
  manifest: string
  /** `user@host`, shown to other runs that wait for the lock. */
  owner: string
  /** Different for each run; two entries of a manifest that are one server share their lock. */
  run: string
  /** Aliases that may exist: the lock names the image of one of them. */
  aliases: readonly string[]
  /** Milliseconds to wait for another run. */
  timeout: number
  signal: AbortSignal
  /** Called once when another run holds it. */
  onWait?: ((holder: LockHolder) => void) | undefined
}

/** A lock that this run holds, and renews until it is released. */
export interface Lock {
  /** Removes the lock, if this run still holds it. */
  release(): Promise<void>
}

const pollInterval = 500

/**
 * Keeps a second run of the same manifest away from a server. The lock is an alias: every client that may write images may
 * write aliases, and LXD and Incus both create an alias atomically (one 201, the others 409) and compare its ETag atomically.
 * Its description says which run holds it, and until when by the server's clock, so that the clocks of the machines that run
 * Hyperkit do not matter. An alias must point at an image: if none of the manifest's aliases
 * exists yet, there is nothing to lock and the result is undefined. The lock is advisory: each request is safe without it.
 *
 * @throws {HyperkitError} `already-exists` if another run still holds it after the timeout
 */
export async function takeLock(client: Client, options: TakeLockOptions): Promise<Lock | undefined> {
  const { signal, manifest, run } = options
  const target = await findTarget(client, options)
  if (target === undefined) return undefined
  const name = lockAliasOf(manifest)
  const clock = await readClock(client, { signal })
  const read = createHolderReader(clock)
  const end = performance.now() + options.timeout
  let hasWaited = false
  for (;;) {
    const now = await client.aliases.find(name, { signal })
    const holder = now && read(now.description)
    if (holder?.run === run) return { release: async () => {} }
    const isFree = holder === undefined || holder.expiresAt.getTime() <= clock()
    if (isFree && (await claim(client, now, { name, target, clock }, options))) break
    if (performance.now() >= end && !isFree) throw heldError(client, manifest, holder)
    if (!hasWaited && holder !== undefined) options.onWait?.(holder)
    hasWaited = true
    await pause(pollInterval, signal)
  }
  const timer = setInterval(() => void renew(client, name, options).catch(() => {}), lease / 3)
  return {
    async release() {
      clearInterval(timer)
      await releaseLock(client, manifest, run)
    },
  }
}

/**
 * Removes the lock of a manifest.
 *
 * @param run removes only the lock of this run
 * @returns the run that held it
 */
export async function releaseLock(
  client: Client,
  manifest: string,
  run?: string,
): Promise<LockHolder | undefined> {
  const names = run === undefined ? lockAliasesOf(manifest) : [lockAliasOf(manifest)]
  let released: LockHolder | undefined
  for (const name of names) released = (await removeLock(client, name, run)) ?? released
  return released
}

async function removeLock(
  client: Client,
  name: string,
  run: string | undefined,
): Promise<LockHolder | undefined> {
  const now = await client.aliases.find(name)
  const holder = now && readHolder(now.description)
  if (now === undefined || (run !== undefined && holder?.run !== run)) return undefined
  try {
    await client.aliases.delete(name)
  } catch (error) {
    if (!isHyperkitError(error, 'not-found')) throw error
  }
  return holder ?? { owner: 'unknown', run: '', expiresAt: new Date(0) }
}

/** True if this run got the lock. */
async function claim(
  client: Client,
  now: Alias | undefined,
  { name, target, clock }: { name: string; target: string; clock: () => number },
  { owner, run, signal }: TakeLockOptions,
): Promise<boolean> {
  const description = writeHolder({ owner, run, expiresAt: new Date(clock() + lease) })
  try {
    if (now === undefined) await client.aliases.create(name, { target, description }, { signal })
    else await client.aliases.update(name, { target, description }, { signal, ifMatch: now.etag })
    return true
  } catch (error) {
    const isTaken = (['already-exists', 'precondition-failed', 'not-found'] as const).some((code) =>
      isHyperkitError(error, code),
    )
    if (isTaken) return false
    throw error
  }
}

async function renew(client: Client, name: string, { owner, run, signal }: TakeLockOptions): Promise<void> {
  const now = await client.aliases.find(name, { signal })
  if (now === undefined || readHolder(now.description)?.run !== run) return
  // Read again, because a machine that slept does not count that time.
  const clock = await readClock(client, { signal })
  const description = writeHolder({ owner, run, expiresAt: new Date(clock() + lease) })
  await client.aliases.update(name, { description }, { signal, ifMatch: now.etag })
}

async function findTarget(client: Client, { aliases, signal }: TakeLockOptions): Promise<string | undefined> {
  for (const name of aliases.filter((alias) => !isLockAlias(alias))) {
    const alias = await client.aliases.find(name, { signal })
    if (alias !== undefined) return alias.target
  }
  return undefined
}

function heldError(client: Client, manifest: string, holder: LockHolder | undefined): HyperkitError {
  const why =
    holder === undefined
      ? ''
      : `: ${holder.owner} holds it until ${holder.expiresAt.toISOString()}${explainClaim(holder)}`
  return new HyperkitError(
    'already-exists',
    `Cannot lock manifest "${manifest}" on "${client.name}"${why}; wait with --lock-timeout, or release it with "force-unlock" if that run died`,
    { server: client.name },
  )
}
