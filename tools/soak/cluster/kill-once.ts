import type { ClusterMember } from '@hyperkit/conformance'
import { createRandom, pick } from '../week/create-random.ts'
import { judge, type Verdict } from './judge.ts'
import type { Scene } from './open-scene.ts'
import { hasConverged, prepareWork, runAgain, runWork } from './run-work.ts'
import { HungError, type Steps } from './steps.ts'
import type { Work } from './work.ts'

/** When a member dies during a work: at the moment of a request, which is one of those that the work usually makes, or a little later. */
export interface Doom {
  work: Work
  victim: ClusterMember
  request: number
  /** Milliseconds after the request has begun. */
  delay: number
}

/** The same for the same seed and number, whatever the kills before it did. */
export function drawDoom(
  { cluster }: Scene,
  { seed, kill, work, usual }: { seed: number; kill: number; work: Work; usual: number },
): Doom {
  const random = createRandom(seed * 10_007 + kill)
  const victim = pick(cluster.members, random)
  return {
    work,
    victim,
    request: 1 + Math.floor(random() * usual),
    // Half of them before a server has the request.
    delay: random() < 0.5 ? 0 : Math.floor(random() ** 2 * 400),
  }
}

/** What a kill has led to. */
export interface Tried extends Verdict {
  /** `PUT /1.0/images/…`, or that the work had ended before. */
  point: string
  /**
   * How the run ended in which the member died: well; with all but what it was to remove, and with the name of the member that must be
   * started for that; or otherwise.
   */
  end: 'well' | 'all but removed' | 'failed' | 'hung'
  /** Why it did not end well. */
  failure: string | undefined
  /** Why one more run did not end well. */
  again: string | undefined
}

/** Kills a member during a work, starts it again, does the work once more, and looks. */
export async function killOnce(scene: Scene, doom: Doom, round: number, steps: Steps): Promise<Tried> {
  const { work, victim } = doom
  await steps.within(`preparing ${work}`, 120, (signal) => prepareWork(scene, work, round, signal))
  const { point, error } = await workAndKill(scene, doom, round, steps)
  const failure = error === undefined ? undefined : explain(error)
  const end = await judgeEnd(scene, doom, error, steps)
  await steps.within(`starting ${victim.name} again`, 240, () => victim.start())
  return { point, end, failure, ...(await lookAgain(scene, work, round, steps)) }
}

/** How often the work is done again and looked at while a member is late with its heartbeats, as on a busy machine. */
const mostLooks = 4

/** One more run with all members up, and what is wrong after it. */
async function lookAgain(
  scene: Scene,
  work: Work,
  round: number,
  steps: Steps,
): Promise<Pick<Tried, 'again' | keyof Verdict>> {
  for (let look = 1; ; look++) {
    await steps.within('waiting until all members are online', 180, (signal) => scene.cluster.settled(signal))
    const again = await steps
      .within(`one more ${work}`, 240, (signal) => runAgain(scene, work, round, signal))
      .then(() => undefined, explain)
    steps.signal.throwIfAborted()
    const verdict = await steps.within('looking at the images', 120, (signal) => judge(scene, signal))
    // Then the members were not all up, and nothing follows for the images.
    const isDown = [again ?? '', ...verdict.lost].some((text) => memberDown.test(text))
    if (!isDown || look === mostLooks) return { again, ...verdict }
    console.log(`  a member was down again: ${again ?? verdict.lost.join('; ')}`)
  }
}

const memberDown = /is down; start it again|start members? "m|must be started again/

async function judgeEnd(
  scene: Scene,
  { work, victim }: Doom,
  error: unknown,
  steps: Steps,
): Promise<Tried['end']> {
  if (error === undefined) return 'well'
  if (error instanceof HungError) return 'hung'
  const namesMember = new RegExp(`start member "${victim.name}"|member "${victim.name}" .* start it again`)
  if (work === 'copy' || work === 'watch' || !namesMember.test(explain(error))) return 'failed'
  const isThere = await steps.within('reading the aliases', 60, (signal) => hasConverged(scene, signal))
  return isThere ? 'all but removed' : 'failed'
}

async function workAndKill(
  scene: Scene,
  { work, victim, request, delay }: Doom,
  round: number,
  steps: Steps,
): Promise<{ point: string; error: unknown }> {
  const ended = new AbortController()
  const over = new Promise<undefined>((resolve) =>
    ended.signal.addEventListener('abort', () => resolve(undefined), { once: true }),
  )
  const killing = Promise.race([scene.trace.reached(request), over]).then(async (reached) => {
    if (reached !== undefined && delay > 0) await new Promise((resolve) => setTimeout(resolve, delay))
    await victim.kill('SIGKILL')
    return reached === undefined ? 'after its end' : reached
  })
  const error = await steps
    .within(`${work} while ${victim.name} dies`, 240, (signal) => runWork(scene, work, round, signal))
    .then(
      () => undefined,
      (error: unknown) => error ?? new Error('unknown'),
    )
  ended.abort()
  const point = await killing
  steps.signal.throwIfAborted()
  return { point, error }
}

const explain = (error: unknown): string => (error instanceof Error ? error.message : String(error))
