import { randomUUID } from 'node:crypto'
import { hostname, userInfo } from 'node:os'
import { type Client, isHyperkitError } from '@hyperkit/core'
import { mapAtMost } from '../concurrency/map-at-most.ts'
import type { Plan } from '../documents/plan.ts'
import type { LockHolder } from '../ownership/lock-alias.ts'
import { type Lock, takeLock } from './take-lock.ts'

/** Options of {@link lockServers}. */
export interface LockServersOptions {
  signal: AbortSignal
  /** The client of a server. */
  open(server: string): Promise<Client>
  /** Milliseconds to wait for another run. */
  timeout: number
  /** Called once a server if another run holds its lock. */
  onWait?: (server: string, holder: LockHolder) => void
}

/**
 * Does something while the servers that a plan changes are locked for its manifest, and frees them however it ends.
 *
 * @param run told whether another run was waited for: then the servers may not be as they were when they were read
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
    // One after another by name: two runs that each held one server and waited for the other's would wait for ever.
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
        // A server that fails keeps the others from nothing; it fails again when it is its turn, and is reported then.
        if (signal.aborted || isHyperkitError(error, 'already-exists')) throw error
      }
    }
    return await run(hasWaited)
  } finally {
    await mapAtMost(16, locks, (lock) => lock.release().catch(() => {}))
  }
}

function describeUser(): string {
  try {
    return `${userInfo().username}@${hostname()}`
  } catch {
    // A container's user need not have a name.
    return `somebody@${hostname()}`
  }
}
