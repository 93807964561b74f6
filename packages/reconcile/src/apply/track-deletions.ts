import { randomUUID } from 'node:crypto'
import { createKeyedMutex } from '../concurrency/keyed-mutex.ts'

/** The deletions of a run: one at a time on a server, since each of them holds the server's lock of deletions. */
export interface Deletions {
  /** Runs a deletion with an id for its lock. */
  run<T>(server: string, task: (id: string) => Promise<T>): Promise<T>
  /** Whether a deletion of this run, on another entry for the same server, still has that id. */
  isLive(id: string): boolean
}

/** Creates {@link Deletions} of a run that begins. */
export function trackDeletions(): Deletions {
  const mutex = createKeyedMutex()
  const live = new Set<string>()
  return {
    run: (server, task) =>
      mutex.run(server, async () => {
        const id = randomUUID()
        live.add(id)
        return task(id).finally(() => live.delete(id))
      }),
    isLive: (id) => live.has(id),
  }
}
