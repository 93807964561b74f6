import { describeFailure } from '../sources/describe-failure.ts'
import type { Place } from './places.ts'
import { planServerAgain } from './plan-server-again.ts'
import { isPruning } from './run-state.ts'
import { aliasesOf, settleBefore } from './settle-server.ts'
import type { Way } from './way.ts'

/** Locks the server and plans it again if another run had the lock. While it waits for the lock, others are worked on. */
export async function enter(way: Way): Promise<void> {
  const { name, run } = way
  let place: Place | undefined = await run.places.take(name)
  try {
    const pause = (): void => {
      place?.leave()
      place = undefined
    }
    const held = await run.locks?.take(name, way.waiting, pause, { wanted: aliasesOf(name, run) })
    way.held = held ?? { hasWaited: false, release: async () => {} }
    place ??= await run.places.take(name)
    way.place = place
    await settleBefore(way)
    await planServerAgain(way, way.held)
  } catch (error) {
    if (way.held === undefined) place?.leave()
    if (run.signal.aborted) return
    const { code, message } = describeFailure(error)
    way.failure = { code, message: `not started: ${message}` }
  }
}

/** Unlocks a server in the midst of its changes: another run may come and go before it is locked again, so it is planned again then. */
export async function giveUp(way: Way): Promise<void> {
  if (way.waiting.every(isPruning)) way.isLate = true
  else way.isInterrupted = true
  await leave(way)
}

/** Unlocks the server, if this run holds it. */
export async function leave(way: Way): Promise<void> {
  const { name, run, held, place } = way
  if (held === undefined) return
  // Another run may bring images now.
  run.leftovers.delete(name)
  delete way.held
  delete way.place
  place?.leave()
  await held.release()
}
