import type { Client } from '@hyperkit/core'
import { readUsage, type Usage } from '../observed/read-usage.ts'

/** Looks at what is in use right before deletions. */
export type LastLook = (client: Client, signal: AbortSignal) => Promise<Usage>

interface Look {
  usage: Usage
  /** Counts before this time. */
  until: number
}

/**
 * Servers delete images that are in use, too, so somebody has to look; and a look lists all instances of all projects, which for each of
 * many deletions would take most of their time. What a look read first is as old at its end as the look took. So it counts for as
 * long again: no deletion rests on what is older than twice the duration of a look, at most half of the time goes into looking, and
 * on a server with few instances every deletion has a look of its own.
 *
 * @param now milliseconds of a clock that nobody sets back
 */
export function createLastLook(now: () => number = () => performance.now()): LastLook {
  const looks = new WeakMap<Client, Look>()
  return async (client, signal) => {
    const begun = now()
    const known = looks.get(client)
    if (known !== undefined && begun < known.until) return known.usage
    const usage = await readUsage(client, signal)
    const ended = now()
    looks.set(client, { usage, until: ended + (ended - begun) })
    return usage
  }
}
