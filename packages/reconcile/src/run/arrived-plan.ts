import { messageOf } from '@hyperkit/core/parts'
import type { ServerPlan } from '../documents/plan.ts'
import type { ObservedServer } from '../observed/observed.ts'
import { describeFailure } from '../sources/describe-failure.ts'
import type { ArrivingPlan } from './plan-each.ts'
import type { PreparedPlan } from './preparing.ts'

/**
 * The plan of the servers on which work could begin, for the report of a run whose whole plan has failed: after an interruption while one
 * server hung, or when the manifest does not allow the plan of one server. The others count as unread.
 *
 * @param error why there is no whole plan, which becomes a refusal
 */
export async function arrivedPlan(arriving: ArrivingPlan, error: unknown): Promise<PreparedPlan> {
  const { identify, open, close, manifest } = arriving
  const { file, name, prune, policy } = manifest
  const named = { file, name }
  const all = await Promise.allSettled(arriving.servers.map(({ plan }) => plan))
  const begun = all.flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
  const found = arriving.servers.map((each): { server: ServerPlan; observed: ObservedServer } => {
    const known = begun.find(({ server }) => server.name === each.name)
    if (known !== undefined) return known
    const unread = { status: 'unread' as const, name: each.name, error: describeFailure(error) }
    return { server: unread, observed: unread }
  })
  return {
    manifest,
    plan: {
      format: 'hyperkit-plan',
      version: 1,
      manifest: named,
      servers: found.map(({ server }) => server),
    },
    desired: { manifest: named, servers: begun.map(({ wanted }) => wanted), prune, policy },
    observed: found.map(({ observed }) => observed),
    refusals: [{ server: '', message: messageOf(error) }],
    identify,
    open,
    close,
  }
}
