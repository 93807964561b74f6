import { ArgumentError } from '@hyperkit/core'
import { changesOf, type PlannedServer, renderPlan } from '@hyperkit/reconcile'
import {
  guardPlan,
  observeManifest,
  planPruning,
  renderHeld,
  renderPlanJson,
  renderSpared,
  ruleCode,
} from '@hyperkit/reconcile/parts'
import { applyPrepared } from './apply-prepared.ts'
import type { CommandContext } from './command-context.ts'
import { readPaths } from './manifest-options.ts'

interface PruneOptions {
  file?: string[]
  dryRun?: true
  yes?: true
  lockTimeout?: number
  json?: true
  allowEmpty?: true
}

/** Removes what retention lets go as things are now, and does nothing else. */
export async function pruneCommand(
  path: string | undefined,
  options: PruneOptions,
  context: CommandContext,
): Promise<void> {
  const { console, exitWith, signal } = context
  const paths = readPaths(path, options)
  const {
    desired,
    observed,
    plan: whole,
    ...connections
  } = await observeManifest(paths, {
    signal,
    wrapTransport: context.wrapTransport,
    hide: console.hide,
    note: console.error,
  })
  try {
    if (desired.prune === undefined)
      throw new ArgumentError(
        'prune',
        `Cannot prune: "${paths.join(', ')}" does not say "prune"; add "prune: { maxDelete: 5 }" to it`,
      )
    const bare = {
      ...whole,
      servers: whole.servers.map((server) => (server.status === 'unread' ? server : withoutWork(server))),
    }
    const plan = planPruning(bare, desired, observed, { now: new Date(), alone: true })
    const refusals = guardPlan(plan, desired, options)
    if (plan.notPruned !== undefined) {
      await console.error(console.paintError('error', `Nothing is pruned: ${plan.notPruned}`))
      exitWith(1)
    }
    if (options.dryRun || changesOf(plan).length === 0) {
      if (options.json) await console.result(renderPlanJson(plan))
      else if (changesOf(plan).length > 0)
        await console.result(renderPlan(plan, console.paint) + renderHeld(plan, console.paint))
      else if (plan.notPruned === undefined)
        await console.result(`Nothing to prune.\n${renderSpared(plan, console.paint)}`)
      for (const { message } of refusals) await console.error(console.paintError('error', message))
      if (refusals.length > 0) exitWith(1)
      return
    }
    if (!options.json) await console.result(renderHeld(plan, console.paint))
    await applyPrepared({ ...connections, plan, refusals }, options, context)
  } finally {
    await connections.close()
  }
}

/** What a server's rule forbids is of no concern here. */
function withoutWork({ problems = [], ...server }: PlannedServer): PlannedServer {
  const others = problems.filter(({ error }) => error.code !== ruleCode)
  return { ...server, changes: [], inSync: 0, ...(others.length === 0 ? {} : { problems: others }) }
}
