import { randomUUID } from 'node:crypto'
import { type Client, isHyperkitError } from '@hyperkit/core'
import { createKeyedMutex } from '../concurrency/keyed-mutex.ts'
import type { Change } from '../documents/plan.ts'
import type { LockHolder } from '../ownership/lock-alias.ts'
import { describeUser } from './describe-user.ts'
import { isSilent } from './is-silent.ts'
import { type Lock, takeLock } from './take-lock.ts'

/** How the servers of a run are locked. */
export interface LockOptions {
  /** Name of the manifest. */
  manifest: string
  /** Milliseconds to wait for another run. */
  timeout: number
  /** Called for each other run that holds the lock of a server. */
  onWait?: ((server: string, holder: LockHolder) => void) | undefined
}

/** The locks of one run, one for each server: entries that are the same server share theirs. */
export interface ServerLocks {
  /**
   * Locks a server for the manifest.
   *
   * @throws {HyperkitError} `already-exists` if another run still holds the lock after the timeout
   * @param onWait called when it has to wait: for another run, or for another entry that is the same server
   * @param wanted more aliases that the server may have, besides those of the changes
   * @param timeout milliseconds to wait for another run, if not those of the run
   * @throws the signal's reason
   */
  take(
    server: string,
    changes: readonly Change[],
    onWait: () => void,
    options?: { wanted?: readonly string[]; timeout?: number },
  ): Promise<Held>
}

/** A lock that was taken, or a server that has nothing to lock yet. */
export interface Held {
  /** Whether another run had the lock: then the server may have changed since it was read. */
  hasWaited: boolean
  release(): Promise<void>
}

interface Taken {
  hasWaited: boolean
  lock: Lock | undefined
}

interface Shared extends Taken {
  holders: number
}

export function createLocks(
  { manifest, timeout: patience, onWait }: LockOptions,
  {
    signal,
    open,
    identify,
  }: { signal: AbortSignal; open(server: string): Promise<Client>; identify(server: string): string },
): ServerLocks {
  /** An id for each lock: an entry that leads to a server of another one, unseen, has to wait for it like another run. */
  const runs = new Set<string>()
  const shared = new Map<string, Shared>()
  const takeOne = async (
    server: string,
    changes: readonly Change[],
    onWaiting: () => void,
    { wanted = [], timeout = patience }: NonNullable<Parameters<ServerLocks['take']>[3]>,
  ): Promise<Taken> => {
    let hasWaited = false
    const run = randomUUID()
    runs.add(run)
    const isOurs = (holder: LockHolder): boolean => runs.has(holder.run)
    const aliases = changes.flatMap((change) => [
      ...('alias' in change ? [change.alias] : []),
      ...('aliases' in change ? change.aliases : []),
      change.image,
    ])
    try {
      const lock = await takeLock(await open(server), {
        manifest,
        owner: describeUser(),
        run,
        isOurs,
        aliases: [...aliases, ...wanted],
        timeout,
        signal,
        onWait(holder) {
          // Others may work meanwhile, among them the entry of this run that holds the lock.
          onWaiting()
          if (isOurs(holder)) return
          hasWaited = true
          onWait?.(server, holder)
        },
      })
      return { hasWaited: hasWaited || lock?.wasTaken === true, lock }
    } catch (error) {
      if (signal.aborted || isHyperkitError(error, 'already-exists') || isSilent(error)) throw error
      // A server that refuses the lock may accept the changes; what it refuses of them is reported then.
      return { hasWaited, lock: undefined }
    }
  }
  // A lock of this run would be taken for one that is free while it is released.
  const mutex = createKeyedMutex()
  return {
    async take(server, changes, onWaiting, options = {}) {
      const key = identify(server)
      if (mutex.isTaken(key)) onWaiting()
      const mine = await mutex.run(key, async () => {
        const known = shared.get(key) ?? {
          holders: 0,
          ...(await takeOne(server, changes, onWaiting, options)),
        }
        known.holders += 1
        shared.set(key, known)
        return known
      })
      const release = async (): Promise<void> => {
        mine.holders -= 1
        if (mine.holders > 0) return
        shared.delete(key)
        await mine.lock?.release().catch(() => {})
      }
      return { hasWaited: mine.hasWaited, release: () => mutex.run(key, release) }
    },
  }
}
