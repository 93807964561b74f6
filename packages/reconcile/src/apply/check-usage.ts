import type { Client } from '@hyperkit/core'
import { readUsage, type Usage } from '../observed/read-usage.ts'

/** Reads which images of a server are in use, right before a deletion. */
export type UsageCheck = (client: Client, signal: AbortSignal) => Promise<Usage>

interface KnownUsage {
  usage: Usage
  /** The time at which it becomes too old. */
  until: number
}

/**
 * Servers delete images that are in use, so each deletion needs a check first. A check lists all instances of all projects, and
 * one for each of many deletions would take most of the time. So the result of a check is reused for as long as the check took:
 * no deletion relies on data that is older than two checks take, checks take at most half of the time, and on a server with few
 * instances each deletion gets a check of its own.
 *
 * @param now milliseconds of a clock that is never set back
 */
export function createUsageCheck(now: () => number = () => performance.now()): UsageCheck {
  const known = new WeakMap<Client, KnownUsage>()
  return async (client, signal) => {
    const begun = now()
    const last = known.get(client)
    if (last !== undefined && begun < last.until) return last.usage
    const usage = await readUsage(client, signal)
    const ended = now()
    known.set(client, { usage, until: ended + (ended - begun) })
    return usage
  }
}
