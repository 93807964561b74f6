import { createSlowReport } from '@hyperkit/terminal'
import { renderSlow } from '@hyperkit/terminal/text'
import { createImagesAtOnce } from '../concurrency/images-at-once.ts'
import { lateAfter } from '../concurrency/late-after.ts'
import type { DesiredServer } from '../desired/desired.ts'
import type { Plan, ServerPlan } from '../documents/plan.ts'
import type { LoadedManifest } from '../manifest/load-manifest.ts'
import type { ImageSpace } from '../observed/image-space.ts'
import type { ObservedServer } from '../observed/observed.ts'
import type { KnownServers } from '../observed/read-observed.ts'
import { checkPolicy } from '../plan/guard/check-policy.ts'
import { type GuardOptions, guardPlan, type Refusal } from '../plan/guard/guard-plan.ts'
import { guardPolicy } from '../plan/guard/guard-policy.ts'
import { PlanRefusedError } from '../plan/guard/plan-refused-error.ts'
import { refuseImages } from '../plan/guard/refuse-images.ts'
import { planPruning } from '../plan/plan-pruning.ts'
import { listWaves, planRollout } from '../plan/plan-rollout.ts'
import { restrictPlan } from '../plan/restrict-plan.ts'
import type { Connections } from './connections.ts'
import type { KnownDesired } from './keep-contents.ts'
import { measureSpace } from './measure-space.ts'
import { type ObservedOne, observeEach } from './observe-each.ts'
import type { ObservedManifest, PlanChoice, PreparedPlan, Preparing } from './preparing.ts'

/** The plan of a manifest, of which each server's part comes by itself. */
export interface ArrivingPlan extends Connections {
  manifest: LoadedManifest
  /** In the order of the manifest. */
  servers: readonly ArrivingServerPlan[]
  /** What is read of a server, whether its work may begin or not; undefined for another server. */
  observed: KnownServers
  /** What a server should have; undefined for one that gets nothing. */
  desired: KnownDesired
  /** Gives equal texts for two names of the same server, if both were read. */
  identify(server: string): string
  /** The waves of these servers; undefined if the manifest has no rollout. */
  waves: readonly { wave: number; servers: string[] }[] | undefined
  /** The whole plan with its refusals, when each server has answered or was given up. */
  whole: Promise<PreparedPlan>
}

/** One server of an {@link ArrivingPlan}. */
export interface ArrivingServerPlan {
  name: string
  /**
   * Its plan, once its work may begin.
   *
   * @throws {PlanRefusedError} if the guard refuses it, or the whole plan
   */
  plan: Promise<BegunServer>
}

/** A server whose work may begin. */
export interface BegunServer {
  server: ServerPlan
  wanted: DesiredServer
  observed: ObservedServer
  /**
   * Its whole plan, if `server` is without what is pruned: that is known when each server has answered or was given up.
   *
   * @throws {PlanRefusedError} if the guard refuses the whole plan
   */
  rest?: () => Promise<ServerPlan>
}

/** Options of {@link planEach}. */
export interface PlanEachOptions extends GuardOptions {
  /** Milliseconds for which the guard waits for all servers before work begins on some. @default 3000 */
  patience?: number | undefined
}

/**
 * Plans each server of a manifest as soon as it has answered. The guard's refusals of a whole run need all servers: with `prune`, work
 * begins when the whole plan is there; or after some seconds on each server whose own plan shows nothing that refuses the run. Then what is
 * pruned there follows when the whole plan is there, and is not refused.
 */
export async function planEach(
  manifest: LoadedManifest,
  selection: PlanChoice,
  preparing: Preparing,
  { allowEmpty, patience = lateAfter }: PlanEachOptions = {},
): Promise<ArrivingPlan> {
  checkPolicy(manifest)
  const arriving = await observeEach(manifest, selection, preparing)
  const { targets } = selection
  // Another entry of the manifest may be the same server, and need images that this part would prune.
  const isPart = targets.length + selection.servers.length > 0
  const isGuarded = (manifest.prune !== undefined && !isPart) || manifest.policy !== undefined
  const spaces = new Map<string, Promise<ImageSpace>>()
  const slow = createSlowReport((names) => void preparing.note(renderSlow(names)))
  const measure = (plan: Plan): Promise<Plan> =>
    measureSpace(plan, {
      signal: preparing.signal,
      open: arriving.open,
      except: plan.servers.map(({ name }) => name).filter((name) => preparing.known?.(name) !== undefined),
      known: spaces,
      imagesAtOnce: createImagesAtOnce(manifest.servers, preparing.imagesPerServer),
      slow,
    })
  const complete = async (found: Found): Promise<Guarded> => {
    const { plan: made, desired, observed } = found
    const changes = refuseImages(made, desired)
    const pruned =
      isPart && desired.prune !== undefined
        ? { ...changes, notPruned: 'only part of the manifest was planned' }
        : planPruning(changes, desired, observed, { now: new Date(), alone: false })
    const plan = planRollout(await measure(restrictPlan(pruned, desired, targets)), manifest)
    const refusals = [
      ...guardPlan(plan, desired, { allowEmpty }),
      ...guardPolicy(manifest, desired, observed),
    ]
    return { plan, refusals }
  }
  const whole = arriving.whole.then(async (found) => ({ ...found, ...(await complete(found)) }))
  const late = startPatience(patience, whole)
  const allowed = async (): Promise<Plan> => {
    const { plan, refusals } = await whole
    if (refusals.length > 0) throw new PlanRefusedError(plan, refusals)
    return plan
  }
  const pick = async (name: string): Promise<ServerPlan> => {
    const found = (await allowed()).servers.find((server) => server.name === name)
    if (found === undefined) throw new Error(`"${name}" is not planned`)
    return found
  }
  const begin = async (name: string, observation: Promise<ObservedOne>): Promise<BegunServer> => {
    const one = await observation
    const { desired: wanted, observed } = one
    const alone = aloneOf(one, manifest)
    const own = await complete(alone)
    if (!isGuarded || observed.status === 'unread') {
      if (own.refusals.length > 0) throw new PlanRefusedError(own.plan, own.refusals)
      return { server: onlyServer(own.plan), wanted, observed }
    }
    const isWhole = await Promise.race([whole.then(() => true), late])
    if (isWhole || own.refusals.length > 0) return { server: await pick(name), wanted, observed }
    const changes = restrictPlan(refuseImages(alone.plan, alone.desired), alone.desired, targets)
    const server = onlyServer(await measure(changes))
    return { server, wanted, observed, rest: () => pick(name) }
  }
  const servers = arriving.servers.map(({ name, observation }) => ({ name, plan: begin(name, observation) }))
  for (const each of [whole, ...servers.map(({ plan }) => plan)]) each.catch(() => undefined)
  const { identify, open, close } = arriving
  const observed: KnownServers = (name) =>
    arriving.servers.find((each) => each.name === name)?.observation.then((one) => one.observed)
  const desired: KnownDesired = (name) =>
    arriving.servers.find((each) => each.name === name)?.observation.then((one) => one.desired)
  const waves =
    manifest.rollout === undefined
      ? undefined
      : listWaves(
          manifest,
          servers.map(({ name }) => name),
        )
  return { manifest, servers, waves, observed, desired, identify, whole, open, close }
}

type Found = Pick<ObservedManifest, 'plan' | 'desired' | 'observed'>

interface Guarded {
  plan: Plan
  refusals: Refusal[]
}

function aloneOf(
  { plan, desired, observed }: ObservedOne,
  { file, name, prune, policy }: LoadedManifest,
): Found {
  const named = { file, name }
  return {
    plan: { format: 'hyperkit-plan', version: 1, manifest: named, servers: [plan] },
    desired: { manifest: named, servers: [desired], prune, policy },
    observed: [observed],
  }
}

function onlyServer({ servers: [server] }: Plan): ServerPlan {
  if (server === undefined) throw new Error('the plan has no server')
  return server
}

/** Resolves after some milliseconds; never if the work ends before. */
function startPatience(milliseconds: number, work: Promise<unknown>): Promise<false> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), milliseconds)
    const stop = (): void => clearTimeout(timer)
    work.then(stop, stop)
  })
}
