import { ArgumentError } from '@hyperkit/core'
import { changesOf, type Plan, type PlannedServer, renderPlan } from '@hyperkit/reconcile'
import {
  describePlan,
  type GuardOptions,
  guardPlan,
  type ObservedManifest,
  observeManifest,
  othersThan,
  type Prepared,
  planPruning,
  renderHeld,
  renderSpared,
  ruleCode,
} from '@hyperkit/reconcile/parts'
import { defineScript } from '@hyperkit/script'
import * as v from 'valibot'
import {
  allowEmptyArguments,
  changeArguments,
  changesServers,
  fileArguments,
  manifestWord,
} from '../arguments/manifest-arguments.ts'
import { readPaths } from '../arguments/read-input.ts'
import { descriptions } from '../descriptions.ts'
import { applyPrepared } from '../run/apply-prepared.ts'
import { preparingOf } from '../run/preparing.ts'
import { printResult } from '../run/print-result.ts'
import { reportRefusals } from '../run/report-failures.ts'

/** Deletes what retention no longer keeps, and does nothing else. */
export default defineScript({
  description: descriptions.prune,
  ...changesServers,
  args: v.object({
    manifest: manifestWord(),
    ...fileArguments,
    ...changeArguments,
    ...allowEmptyArguments,
  }),
  async run({ args, ...tools }) {
    const { console, dryRun, json, fail } = tools
    const paths = readPaths(args)
    const preparing = preparingOf(tools, args)
    const observation = await observeManifest(paths, preparing)
    const { open, close } = observation
    try {
      if (observation.desired.prune === undefined)
        throw new ArgumentError(
          'prune',
          `Cannot prune: "${paths.join(', ')}" has no "prune"; add "prune: { maxDelete: 5 }" to it`,
        )
      const prepared = planAlone(observation, args)
      const { plan, refusals } = prepared
      for (const { name, why } of notPrunedIn(plan))
        fail(`Nothing is pruned on "${name}": ${why}`, { code: 'not-pruned' })
      const hasWork = changesOf(plan).length > 0
      if (dryRun || !hasWork) {
        const text = hasWork
          ? renderPlan(plan, console.paint) + renderHeld(plan, console.paint)
          : `Nothing to prune.\n${renderSpared(plan, console.paint)}`
        if (json || hasWork || notPrunedIn(plan).length === 0)
          await printResult(tools, describePlan(plan), text)
        return reportRefusals(refusals, tools)
      }
      if (!json) await console.result(renderHeld(plan, console.paint))
      await applyPrepared(prepared, args, tools, {
        async planAgain(server, { observed }) {
          const again = { ...preparing, connections: { open, close }, known: othersThan(server, observed) }
          return planAlone(await observeManifest(paths, again), args)
        },
      })
    } finally {
      await close()
    }
  },
})

type PlannedAlone = Prepared & Pick<ObservedManifest, 'observed'>

/** A plan that only prunes. The desired state is left out, since it is not brought about. */
function planAlone(observation: ObservedManifest, options: GuardOptions): PlannedAlone {
  const { plan: whole, desired, ...rest } = observation
  const { observed } = rest
  const bare = {
    ...whole,
    servers: whole.servers.map((server) => (server.status === 'unread' ? server : withoutWork(server))),
  }
  const plan = planPruning(bare, desired, observed, { now: new Date(), alone: true })
  return { ...rest, plan, refusals: guardPlan(plan, desired, options) }
}

/** The servers on which nothing is pruned, and why. */
function notPrunedIn({ servers }: Plan): { name: string; why: string }[] {
  return servers.flatMap((server) => {
    const why =
      server.status === 'unread' ? `it could not be read: ${server.error.message}` : server.notPruned
    return why === undefined ? [] : [{ name: server.name, why }]
  })
}

/** Problems with server rules do not matter for pruning. */
function withoutWork({ problems = [], ...server }: PlannedServer): PlannedServer {
  const others = problems.filter(({ error }) => error.code !== ruleCode)
  return { ...server, changes: [], inSync: 0, ...(others.length === 0 ? {} : { problems: others }) }
}
