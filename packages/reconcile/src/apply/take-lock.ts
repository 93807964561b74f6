import { type Alias, type Client, HyperkitError, isHyperkitError } from '@hyperkit/core'
import { pause } from '@hyperkit/core/parts'
import { isLockAlias, type LockHolder, readHolder, writeHolder } from '../ownership/lock-alias.ts'
import { lockAliasOf } from './lock-alias-of.ts'

/** Options of {@link takeLock}. */
export interface TakeLockOptions {
  manifest: string
  /** `user@host`, for who is kept out by it. */
  owner: string
  /** Another for each run; two entries of a manifest that are one server share their lock. */
  run: string
  /** Aliases one of which may exist: the lock names the image that it names. */
  aliases: readonly string[]
  /** Milliseconds to wait for another run. */
  timeout: number
  signal: AbortSignal
  /** Called once when another run holds it. */
  onWait?: ((holder: LockHolder) => void) | undefined
}

/** A lock that is held, and renewed until it is released. */
export interface Lock {
  /** Removes it, if it is still this run's. */
  release(): Promise<void>
}

/** How long a lock counts after it was last renewed: what a killed run leaves keeps nobody out for longer. */
const lease = 60_000
const pollInterval = 500

/**
 * Keeps a second run of the same manifest from a server. The lock is an alias, because every client that may write images
 * may write aliases, LXD and Incus alike create one atomically (one 201, the others 409) and compare its ETag atomically;
 * its description says who holds it until when. An alias must name an image: where none of the manifest's aliases exists
 * yet, there is nothing to lock and undefined is given. It is advisory: each request keeps the promises without it.
 *
 * @throws {HyperkitError} `already-exists` where another run still holds it when the time is over
 */
export async function takeLock(client: Client, options: TakeLockOptions): Promise<Lock | undefined> {
  const { signal, manifest, run } = options
  const target = await findTarget(client, options)
  if (target === undefined) return undefined
  const name = lockAliasOf(manifest)
  const end = performance.now() + options.timeout
  let hasWaited = false
  for (;;) {
    const now = await client.aliases.find(name, { signal })
    const holder = now && readHolder(now.description)
    if (holder?.run === run) return { release: async () => {} }
    if (isFree(holder) && (await claim(client, now, name, target, options))) break
    if (performance.now() >= end && !isFree(holder)) throw heldError(client, manifest, holder)
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

/** Removes the lock of a manifest, of one run or of whichever; gives who held it. */
export async function releaseLock(
  client: Client,
  manifest: string,
  run?: string,
): Promise<LockHolder | undefined> {
  const name = lockAliasOf(manifest)
  const now = await client.aliases.find(name)
  const holder = now && readHolder(now.description)
  if (now === undefined || (run !== undefined && holder?.run !== run)) return undefined
  try {
    await client.aliases.delete(name)
  } catch (error) {
    if (!isHyperkitError(error, 'not-found')) throw error
  }
  return holder ?? { owner: 'nobody known', run: '', expiresAt: new Date(0) }
}

function isFree(holder: LockHolder | undefined): boolean {
  return holder === undefined || holder.expiresAt.getTime() <= Date.now()
}

/** True for the one run that gets it. */
async function claim(
  client: Client,
  now: Alias | undefined,
  name: string,
  target: string,
  { owner, run, signal }: TakeLockOptions,
): Promise<boolean> {
  const description = writeHolder({ owner, run, expiresAt: new Date(Date.now() + lease) })
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
  const description = writeHolder({ owner, run, expiresAt: new Date(Date.now() + lease) })
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
  const who = holder === undefined ? '' : `: ${holder.owner} holds it until ${holder.expiresAt.toISOString()}`
  return new HyperkitError(
    'already-exists',
    `Cannot lock manifest "${manifest}" on "${client.name}"${who}; wait with --lock-timeout, or free it with "force-unlock" if that run is dead`,
    { server: client.name },
  )
}
