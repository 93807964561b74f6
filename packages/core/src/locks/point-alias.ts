import type { SetAlias } from '../aliases/set-alias.ts'
import { HyperkitError } from '../errors/hyperkit-error.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import { aliasLock } from './deletion-lock.ts'
import { holdLock, type Lock } from './hold-lock.ts'
import { type LockHolder, lease } from './lock-holder.ts'
import type { LockPlace } from './lock-place.ts'
import { outlastDeletion } from './outlast-deletion.ts'

/** Options of {@link pointAlias}. */
export interface PointAliasOptions {
  /** All 64 characters of the image's fingerprint. */
  target: string
  /** @default that of the alias */
  description?: string | undefined
  /** `user@host` or a command, shown to runs that would delete the image. */
  owner: string
  signal?: AbortSignal | undefined
  /** Called once for each other run that is waited for. */
  onWait?: ((holder: LockHolder) => void) | undefined
}

/**
 * Creates or retargets an alias, also if another run is deleting the image at that moment: `aliases.set` alone could then leave the name
 * without an image.
 *
 * A new alias keeps later deletions away by itself ({@link deleteUnderLock}); before an alias is moved, {@link aliasLock} does, which
 * becomes an alias of the image. A deletion that has begun before is waited for. A client that may not create aliases moves one without
 * the lock.
 *
 * @throws {HyperkitError} `precondition-failed` if another run has deleted the image; an alias that existed still points where it did
 */
export async function pointAlias(
  client: LockPlace,
  name: string,
  { target, description, owner, signal, onWait }: PointAliasOptions,
): Promise<SetAlias> {
  const call = { signal }
  const attributes = { target, description }
  const now = await client.aliases.find(name, call)
  if (now === undefined || now.target === target) {
    const done = await client.aliases.set(name, attributes, call)
    if (done.change === 'created' || done.change === 'retargeted')
      await outlastDeletion(client, target, { signal, onWait })
    return done
  }
  const lock = await holdImage(client, { target, description, owner, signal, onWait })
  try {
    if (lock !== undefined) await outlastDeletion(client, target, { signal, onWait })
    return await client.aliases.set(name, attributes, call)
  } finally {
    await lock?.release().catch(() => {})
  }
}

async function holdImage(
  client: LockPlace,
  { target, owner, signal, onWait }: PointAliasOptions,
): Promise<Lock | undefined> {
  try {
    return await holdLock(client, {
      alias: aliasLock,
      target,
      owner,
      run: crypto.randomUUID(),
      // Longer than the lock of a killed run is valid.
      timeout: lease * 1.5,
      signal,
      onWait,
      explain: (holder) =>
        new HyperkitError(
          'already-exists',
          `Cannot move an alias on "${client.name}": ${holder?.owner ?? 'another run'} has been moving one there for too long; try again`,
          { server: client.name },
        ),
    })
  } catch (error) {
    // Without its image, the alias is refused for the right reason. A dry run sends nothing.
    const isWithout = (['not-authorized', 'not-found', 'unsupported'] as const).some((code) =>
      isHyperkitError(error, code),
    )
    if (!isWithout) throw error
    return undefined
  }
}
