import { type Client, isHyperkitError, TransportError } from '@hyperkit/core'
import { mapAtMost } from '../observed/map-at-most.ts'
import type { ApplyEvent, ApplyReport, ChangeResult, Failure, ServerReport } from '../plan/outcome.ts'
import type { Change, Plan, PlannedServer, ServerPlan } from '../plan/plan.ts'
import { applyChange } from './apply-change.ts'
import { createTurns, type Turns } from './take-turns.ts'

export interface ApplyPlanOptions {
  signal: AbortSignal
  /** The client that the server was read with. */
  open(server: string): Promise<Client>
  /** Same for two names that are one server; what they upload is not sent at the same time. */
  identify(server: string): string
  onEvent?: (event: ApplyEvent) => void
}

const serversAtOnce = 4

/**
 * Does what the plan says: servers beside each other, the changes of a server one after another in the plan's order. A
 * failure ends what depends on it and leaves the rest going; each step is safe to repeat, so a second run goes on where
 * this one ended. What retention lets go comes after everything else on all servers, and only if nothing failed.
 */
export async function applyPlan(plan: Plan, options: ApplyPlanOptions): Promise<ApplyReport> {
  const turns = createTurns()
  const { file, name } = plan.manifest
  const run = (select: (change: Change) => boolean, servers: readonly ServerPlan[]) =>
    mapAtMost(serversAtOnce, servers, (server) =>
      applyToServer(
        server.status === 'unread' ? server : { ...server, changes: server.changes.filter(select) },
        turns,
        options,
      ),
    )
  const reports = await run((change) => !isPruned(change), plan.servers)
  const obstacle = reports.some(({ status }) => status !== 'done')
    ? { code: 'skipped', message: 'not begun: nothing is pruned in a run in which anything failed' }
    : undefined
  const pruned = obstacle
    ? plan.servers.map((server) => skipPruned(server, obstacle))
    : (await run(isPruned, plan.servers)).map(({ results }) => results)
  return {
    format: 'hyperkit-apply',
    version: 1,
    manifest: { file, name },
    servers: reports.map((report, index) => {
      const results = [...report.results, ...(pruned[index] ?? [])]
      return report.status === 'done'
        ? { ...report, status: statusOf(results, options.signal), results }
        : { ...report, results }
    }),
  }
}

function isPruned(change: Change): boolean {
  return change.action === 'delete-image' && change.prune !== undefined
}

function skipPruned(server: ServerPlan, error: Failure): ChangeResult[] {
  if (server.status === 'unread') return []
  return server.changes.filter(isPruned).map((change) => ({ change, outcome: 'skipped', error }))
}

async function applyToServer(
  server: ServerPlan,
  turns: Turns,
  options: ApplyPlanOptions,
): Promise<ServerReport> {
  if (server.status === 'unread')
    return { name: server.name, status: 'unread', error: server.error, results: [] }
  if (server.changes.length === 0) return { name: server.name, status: 'done', results: [] }
  const results: ChangeResult[] = []
  for (const change of server.changes) {
    const obstacle = findObstacle(change, results, options.signal)
    if (obstacle === undefined) options.onEvent?.({ kind: 'begun', server: server.name, change })
    const result: ChangeResult = obstacle
      ? { change, outcome: 'skipped', error: obstacle }
      : await tryChange(change, server, turns, options)
    results.push(result)
    options.onEvent?.({ kind: 'ended', server: server.name, result })
  }
  return { name: server.name, status: statusOf(results, options.signal), results }
}

async function tryChange(
  change: Change,
  server: PlannedServer,
  turns: Turns,
  { open, identify, signal, onEvent }: ApplyPlanOptions,
): Promise<ChangeResult> {
  try {
    const client = await open(server.name)
    // One at a time for an image of a server: an upload beside a pull of the same image can lose the file for good.
    await turns.take(`${identify(server.name)} ${change.fingerprint}`, () =>
      applyChange(client, change, {
        signal,
        onProgress: (progress) => onEvent?.({ kind: 'moved', server: server.name, change, progress }),
      }),
    )
    return { change, outcome: 'done' }
  } catch (error) {
    return { change, outcome: signal.aborted ? 'interrupted' : 'failed', error: failureOf(error) }
  }
}

/** Why a change must not be begun after what became of those before it. */
function findObstacle(
  change: Change,
  results: readonly ChangeResult[],
  signal: AbortSignal,
): Failure | undefined {
  if (signal.aborted) return { code: 'interrupted', message: 'interrupted before it was begun' }
  const failed = results.filter(({ outcome }) => outcome !== 'done')
  const gone = failed.find(({ error }) => error !== undefined && unreachable.includes(error.code))
  if (gone?.error) return { code: 'unreachable', message: `not begun: ${gone.error.message}` }
  if (failed.some((result) => result.change.fingerprint === change.fingerprint))
    return { code: 'skipped', message: 'not begun: a step before it failed for this image' }
  const isRemoval = change.action === 'remove-alias' || change.action === 'delete-image'
  return isRemoval && failed.length > 0
    ? { code: 'skipped', message: 'not begun: nothing is removed from a server on which something failed' }
    : undefined
}

const unreachable = [
  'unreachable',
  'timeout',
  'certificate-rejected',
  'certificate-changed',
  'not-authorized',
]

function statusOf(results: readonly ChangeResult[], signal: AbortSignal): ServerReport['status'] {
  if (results.every(({ outcome }) => outcome === 'done')) return 'done'
  return signal.aborted ? 'interrupted' : 'failed'
}

function failureOf(error: unknown): Failure {
  const code = isHyperkitError(error) ? error.code : 'unexpected'
  const message = error instanceof Error ? error.message : String(error)
  const cause = error instanceof TransportError && error.cause instanceof Error ? error.cause.message : ''
  return { code, message: cause === '' || message.includes(cause) ? message : `${message} (${cause})` }
}
