import process from 'node:process'
import { parseArgs } from 'node:util'
import { ServerAbsentError, type ServerVersion } from '@hyperkit/conformance'
import { createCounts } from './cluster/counts.ts'
import { describeCluster } from './cluster/describe-cluster.ts'
import { drawDoom, killOnce, type Tried } from './cluster/kill-once.ts'
import { openScene, type Scene } from './cluster/open-scene.ts'
import { prepareWork, runWork } from './cluster/run-work.ts'
import { createSteps, type Steps } from './cluster/steps.ts'
import { watchAliases } from './cluster/watch-aliases.ts'
import { type Work, works } from './cluster/work.ts'
import { type Soak, seedOption } from './soak.ts'

/** Kills members of a real cluster while something works on it through several of its addresses. */
export const cluster: Soak = {
  summary:
    'SIGKILL of a random member of a real cluster at a random request of an apply, a copy, a pruning or a watch that knows all addresses; after the member is back and one more run, no alias was ever missing, and no image is lost, without an owner or left over. --from repeats a kill of a seed.',
  usage: '[--server incus-7.0] [--kills N] [--from N] [--work apply,prune] [--replicas N] [--seed N]',
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        server: { type: 'string', default: 'incus-7.0' },
        kills: { type: 'string', default: '50' },
        from: { type: 'string', default: '1' },
        work: { type: 'string', default: works.join(',') },
        replicas: { type: 'string', default: '3' },
        ...seedOption,
      },
    })
    console.log(`seed ${values.seed}`)
    const version = values.server as ServerVersion
    const scene = await openScene(version, Number(values.replicas)).catch((error: unknown) => {
      if (!(error instanceof ServerAbsentError)) throw error
      console.log(`${version}: not tried: ${error.message}`)
      return undefined
    })
    if (scene === undefined) return true
    const interrupted = new AbortController()
    const interrupt = (): void => interrupted.abort(new Error('interrupted'))
    process.once('SIGINT', interrupt)
    const steps = createSteps(interrupted.signal, async () =>
      [
        `without an answer: ${scene.trace.pending().join(', ') || 'no request'}`,
        await describeCluster(scene.cluster),
      ].join('\n'),
    )
    try {
      return await killMembers(scene, steps, {
        seed: Number(values.seed),
        first: Number(values.from),
        kills: Number(values.kills),
        chosen: values.work.split(','),
      })
    } finally {
      process.removeListener('SIGINT', interrupt)
      await scene.close()
    }
  },
}

interface Choice {
  seed: number
  first: number
  kills: number
  chosen: readonly string[]
}

async function killMembers(
  scene: Scene,
  steps: Steps,
  { seed, first, kills, chosen }: Choice,
): Promise<boolean> {
  const counts = createCounts()
  let watched: ReturnType<typeof watchAliases> | undefined
  try {
    const usual = await countRequests(scene, steps)
    watched = watchAliases(scene)
    for (let kill = first; kill < first + kills; kill++) {
      const work = works[kill % works.length] as Work
      if (!chosen.includes(work)) continue
      const doom = drawDoom(scene, { seed, kill, work, usual: usual[work] })
      const leader = await steps.within('finding the leader', 60, () => scene.cluster.leader())
      const begun = performance.now()
      const tried = await killOnce(scene, doom, kill, steps)
      const role = doom.victim === leader ? ', leader' : ''
      const seconds = ((performance.now() - begun) / 1000).toFixed(1)
      console.log(
        `seed ${seed} kill ${kill} ${work}: ${doom.victim.name}${role} at request ${doom.request} of ${usual[work]} (${tried.point}) + ${doom.delay} ms, ${seconds} s: ${describe(tried)}`,
      )
      for (const text of counts.add(work, tried)) console.log(`  WRONG: ${text}`)
    }
  } catch (error) {
    // What a person has interrupted is not wrong.
    if (steps.signal.aborted) console.log('interrupted')
    else counts.stop(error)
  }
  const gaps = (await watched?.stop()) ?? 0
  for (const line of counts.describe(`${scene.cluster.version}, seed ${seed}`, gaps)) console.log(line)
  return gaps === 0 && counts.areGood()
}

/** How many requests each work makes when nothing dies. */
async function countRequests(scene: Scene, steps: Steps): Promise<Record<Work, number>> {
  const usual: Partial<Record<Work, number>> = {}
  await steps.within('waiting for the new cluster', 120, (signal) => scene.cluster.settled(signal))
  for (const work of works) {
    await steps.within(`${work} without a kill`, 240, async (signal) => {
      await prepareWork(scene, work, 0, signal)
      await runWork(scene, work, 0, signal)
    })
    usual[work] = scene.trace.count()
  }
  scene.copied.push('copied/0')
  return usual as Record<Work, number>
}

function describe({ end, failure = '' }: Tried): string {
  if (end === 'well') return 'ended well in the same run'
  return `${end === 'all but removed' ? 'did all but remove' : 'needs another run'}: ${failure.replaceAll('\n', ' ').slice(0, 400)}`
}
