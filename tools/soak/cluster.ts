import { parseArgs } from 'node:util'
import { ServerAbsentError, type ServerVersion } from '@hyperkit/conformance'
import { openScene, type Scene } from './cluster/open-scene.ts'
import { prepareWork, runWork } from './cluster/run-work.ts'
import { type Gaps, watchAliases } from './cluster/watch-aliases.ts'
import { type Work, works } from './cluster/work.ts'
import { type Soak, seedOption } from './soak.ts'
import { createRandom, pick } from './week/create-random.ts'

/** Kills members of a real cluster while something works on it through several of its addresses. */
export const cluster: Soak = {
  summary:
    'SIGKILL of a random member of a real cluster at a random moment of an apply, a copy, a pruning or a watch that knows all addresses; after the member is back and one more run, no alias was ever missing, and no image is lost or without an owner.',
  usage: '[--server incus-7.0] [--kills N] [--replicas N] [--seed N]',
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        server: { type: 'string', default: 'incus-7.0' },
        kills: { type: 'string', default: '50' },
        replicas: { type: 'string', default: '3' },
        ...seedOption,
      },
    })
    console.log(`seed ${values.seed}`)
    const scene = await openScene(values.server as ServerVersion, Number(values.replicas)).catch(
      (error: unknown) => {
        if (!(error instanceof ServerAbsentError)) throw error
        console.log(`${values.server}: not tried: ${error.message}`)
        return undefined
      },
    )
    if (scene === undefined) return true
    try {
      return await killMembers(scene, Number(values.kills), createRandom(Number(values.seed)))
    } finally {
      await scene.close()
    }
  },
}

interface Counts {
  /** By work: how often it ended well in the run in which the member died, and how often not. */
  ended: Record<Work, { well: number; failed: number }>
  gaps: number
  lost: number
  unowned: number
}

async function killMembers(scene: Scene, kills: number, random: () => number): Promise<boolean> {
  const ended = Object.fromEntries(works.map((work) => [work, { well: 0, failed: 0 }])) as Counts['ended']
  const counts: Counts = { ended, gaps: 0, lost: 0, unowned: 0 }
  const reasons = new Map<string, number>()
  await prepareWork(scene, 'apply', 0)
  await runWork(scene, 'apply', 0)
  const seen: Gaps = watchAliases(scene)
  for (let kill = 1; kill <= kills; kill++) {
    const work = works[kill % works.length] as Work
    const victim = pick(scene.cluster.members, random)
    await prepareWork(scene, work, kill)
    const delay = Math.floor(random() * scene.duration(work))
    const killed = sleep(delay).then(() => victim.kill('SIGKILL'))
    const failure = await runWork(scene, work, kill).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    )
    await killed
    ended[work][failure === undefined ? 'well' : 'failed']++
    if (failure !== undefined) count(reasons, failure)
    await victim.start()
    await scene.settle()
    const { lost, unowned } = await runAgain(scene, work, kill)
    for (const text of [...lost, ...unowned])
      console.log(`  kill ${kill} (${work}, ${victim.name} after ${delay} ms): ${text}`)
    counts.lost += lost.length
    counts.unowned += unowned.length
  }
  counts.gaps = await seen.stop()
  for (const [work, { well, failed }] of Object.entries(ended))
    console.log(`${work}: ${well} ended well in the same run, ${failed} needed another`)
  for (const [reason, times] of reasons) console.log(`  ${times} × ${reason}`)
  console.log(
    `${scene.cluster.version}: ${kills} kills; after one more run ${counts.gaps} gaps of aliases, ${counts.lost} images lost, ${counts.unowned} without an owner`,
  )
  return counts.gaps + counts.lost + counts.unowned === 0
}

/** One more run, and what is wrong after it. */
async function runAgain(
  scene: Scene,
  work: Work,
  kill: number,
): Promise<{ lost: string[]; unowned: string[] }> {
  try {
    await runWork(scene, 'again', kill)
    if (work === 'copy') await runWork(scene, work, kill)
    return await scene.judge()
  } catch (error) {
    return { lost: [`one more run failed: ${String(error)}`], unowned: [] }
  }
}

/** Reasons without what differs from run to run. */
function count(reasons: Map<string, number>, failure: string): void {
  const reason = failure
    .replace(/[0-9a-f]{12,64}/g, '…')
    .replace(/\b\d+\.\d+\.\d+\.\d+:\d+/g, 'ADDRESS')
    .slice(0, 400)
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
