import { type Client, HyperkitError } from '@hyperkit/core'
import { clearExpiredLocks, holdLock, type Lock, listAliasNames, removeLock } from '@hyperkit/core/parts'
import { isLockAlias, type LockHolder } from '../ownership/lock-alias.ts'
import { explainClaim } from '../render/render-waiting.ts'
import { isSilent } from './is-silent.ts'
import { lockAliasesOf, lockAliasOf } from './lock-alias-of.ts'

export type { Lock } from '@hyperkit/core/parts'

/** Options of {@link takeLock}. */
export interface TakeLockOptions {
  manifest: string
  /** `user@host`, shown to other runs that wait for the lock. */
  owner: string
  /** Different for each run; a run that holds the lock already gets it again. */
  run: string
  /** Whether a holder works for the same command, which waits for it however long that takes. @default never */
  isOurs?: ((holder: LockHolder) => boolean) | undefined
  /** Aliases that may exist: the lock names the image of one of them. */
  aliases: readonly string[]
  /** Milliseconds to wait for another run. */
  timeout: number
  signal: AbortSignal
  /** Called once for each other run that holds it. */
  onWait?: ((holder: LockHolder) => void) | undefined
}

/**
 * Keeps a second run of the same manifest away from a server, and removes the locks of a deletion and of a moved alias that killed runs have left there.
 * An alias must point at an image: if none of the manifest's aliases exists yet, there is nothing to lock and the result is
 * undefined. The lock is advisory: each request is safe without it.
 *
 * @throws {HyperkitError} `already-exists` if another run still holds it after the timeout
 */
export async function takeLock(client: Client, options: TakeLockOptions): Promise<Lock | undefined> {
  const { manifest, owner, run, signal } = options
  const mayHave = await findNames(client, signal)
  try {
    await clearExpiredLocks(client, { owner, run, signal }, mayHave)
  } catch (error) {
    signal.throwIfAborted()
    if (isSilent(error)) throw error
    // The next run, or the next deletion, tries again.
  }
  const target = await findTarget(client, options, mayHave)
  if (target === undefined) return undefined
  return holdLock(client, {
    alias: lockAliasOf(manifest),
    target,
    owner,
    run,
    isOurs: options.isOurs,
    timeout: options.timeout,
    signal,
    onWait: options.onWait,
    explain: (holder) => heldError(client, manifest, holder),
  })
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

/** The names of the server's aliases, with one request instead of one for each of them. If that fails, each name is asked for. */
async function findNames(client: Client, signal: AbortSignal): Promise<(name: string) => boolean> {
  try {
    const { sees } = await client.view({ signal })
    if (sees === 'everything') return await listAliasNames(client, { signal })
  } catch (error) {
    signal.throwIfAborted()
    if (isSilent(error)) throw error
  }
  return () => true
}

async function findTarget(
  client: Client,
  { aliases, signal }: TakeLockOptions,
  mayHave: (name: string) => boolean,
): Promise<string | undefined> {
  const asked = new Set(aliases.filter((alias) => !isLockAlias(alias) && mayHave(alias)))
  for (const name of asked) {
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
