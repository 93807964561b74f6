import { randomUUID } from 'node:crypto'
import { type Client, isHyperkitError } from '@hyperkit/core'
import { mapAtMost } from '../concurrency/map-at-most.ts'
import type { Plan } from '../documents/plan.ts'
import type { LockHolder } from '../ownership/lock-alias.ts'
import { describeUser } from './describe-user.ts'
import { type Lock, takeLock } from './take-lock.ts'

/** Options of {@link lockServers}. */
export interface LockServersOptions {
  signal: AbortSignal
  /** The client of a server. */
  open(server: string): Promise<Client>
  /** Milliseconds to wait for another run. */
  timeout: number
  /** Called once for each server whose lock another run holds. */
  onWait?: (server: string, holder: LockHolder) => void
}

/**
 * Locks the servers that a plan changes for its manifest, calls `run`, and unlocks them however that ends.
 *
 * @param run gets whether this run had to wait for another one: then the servers may have changed since they were read
 */
export async function lockServers<Result>(
  plan: Plan,
  { signal, open, timeout, onWait }: LockServersOptions,
  run: (hasWaited: boolean) => Promise<Result>,
): Promise<Result> {
  const locks: Lock[] = []
  let hasWaited = false
  const id = randomUUID()
  const changed = plan.servers.flatMap((server) =>
    server.status === 'planned' && server.changes.length > 0 ? [server] : [],
  )
  try {
    // In order of their names: two runs that each held one server and waited for the other's would wait forever.
    for (const { name, changes } of [...changed].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const aliases = changes.flatMap((change) => [
        ...('alias' in change ? [change.alias] : []),
        ...('aliases' in change ? change.aliases : []),
        change.image,
      ])
      const manifest = plan.manifest.name
      const options = { manifest, owner: describeUser(), run: id, aliases, timeout, signal }
      try {
        const lock = await takeLock(await open(name), {
          ...options,
          onWait: (holder) => {
            hasWaited = true
            onWait?.(name, holder)
          },
        })
        if (lock !== undefined) locks.push(lock)
      } catch (error) {
        // A server that fails does not stop the others. It fails again when its changes are made, and is reported then.
        if (signal.aborted || isHyperkitError(error, 'already-exists')) throw error
      }
    }
    return await run(hasWaited)
  } finally {
    await mapAtMost(16, locks, (lock) => lock.release().catch(() => {}))
  }
}
