import { ServerError } from '../errors/errors.ts'
import { saysThat } from '../model/server-words.ts'
import { pause } from './pause.ts'

/** Milliseconds for which the members of a cluster may elect a leader: they begin some seconds after the old one died. */
const longestElection = 30_000

/** Sends a request, again and again while the members of the cluster elect a leader: until they have one, they carry nothing out. */
export async function outlastElection<T>(
  signal: AbortSignal | undefined,
  send: () => Promise<T>,
): Promise<T> {
  const end = performance.now() + longestElection
  for (;;) {
    try {
      return await send()
    } catch (error) {
      const isElecting = error instanceof ServerError && saysThat(error.serverMessage, 'no-leader')
      if (!isElecting || performance.now() > end) throw error
      await pause(500, signal)
    }
  }
}
