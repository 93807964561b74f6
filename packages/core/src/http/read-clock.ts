import type { Answer } from './answer.ts'
import type { Call } from './call.ts'

/**
 * Reads a server's clock from the `Date` of an answer, to the second. If the answer has none, because of a proxy, the result is this
 * machine's clock.
 *
 * @returns the server's time at any later moment, in milliseconds since 1970. It does not change when this machine's clock is set.
 *
 * @example
 * ```ts
 * const now = await readClock(client)
 * console.log(new Date(now()).toISOString())
 * ```
 */
export async function readClock(
  client: { request(call: Omit<Call, 'action' | 'body'>): Promise<Answer> },
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<() => number> {
  const { date } = await client.request({ method: 'GET', path: '/1.0', signal })
  if (date === undefined) return () => Date.now()
  const ahead = date.getTime() - performance.now()
  return () => ahead + performance.now()
}
