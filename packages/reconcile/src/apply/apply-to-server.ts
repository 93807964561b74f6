import type { ServerReport } from '../documents/apply-report.ts'
import { describeFailure } from '../sources/describe-failure.ts'
import type { ComingServer, ServerToDo } from './coming-server.ts'
import { leave } from './hold-server.ts'
import { makeChanges } from './make-changes.ts'
import { endWork, readAddress, reportOf } from './report-server.ts'
import { isPruning, type Run } from './run-state.ts'
import { settleLater, settleUnchanged } from './settle-server.ts'
import type { Way } from './way.ts'

/**
 * Takes one server its way: it is locked, planned again if another run had the lock, changed, and unlocked. It waits for other servers
 * without its lock: for the source of a copy, and before its old versions are deleted, and what is pruned after that is planned
 * again under the lock.
 */
export async function applyToServer({ name, plan }: ComingServer, run: Run): Promise<ServerReport> {
  const { server, wanted, rest, refused } = await plan.then(
    (found) => ({ ...found, refused: undefined }),
    (error: unknown) => refuse(name, error),
  )
  if (wanted !== undefined) run.wanted.set(name, wanted)
  if (server.status === 'planned') run.contents.expect(server)
  run.roster.arrive(server)
  if (server.status === 'unread') {
    const report: ServerReport = {
      name,
      status: refused === undefined ? 'unread' : run.signal.aborted ? 'interrupted' : 'failed',
      error: server.error,
      results: [],
    }
    if (refused === undefined) run.onPlanned?.(server)
    run.phases.end(report)
    run.onWorked?.(report)
    return report
  }
  run.onPlanned?.(server)
  const waiting = [...server.changes]
  const way: Way = { name, waiting, running: new Map(), results: [], order: new Map(), server, run, rest }
  try {
    if (way.waiting.length === 0) await settleUnchanged(way)
    else await waitForWave(way)
    await makeChanges(way)
    while (way.rest !== undefined) await prune(way, way.rest)
  } finally {
    await settleLater(way)
    await leave(way)
    endWork(way)
  }
  return { ...reportOf(way), ...(await readAddress(way)) }
}

/** A server on which nothing is begun, and why. */
function refuse(name: string, error: unknown): ServerToDo & { refused: unknown } {
  const { code, message } = describeFailure(error)
  return {
    server: { status: 'unread', name, error: { code, message: `not started: ${message}` } },
    refused: error,
  }
}

/** Deletes old versions, which are known when every server has answered or was given up. */
async function prune(way: Way, rest: NonNullable<ServerToDo['rest']>): Promise<void> {
  const { run } = way
  way.rest = undefined
  await settleLater(way)
  await leave(way)
  endWork(way)
  try {
    const whole = await rest()
    if (whole.status === 'unread') return
    way.server = whole
    way.waiting = whole.changes.filter(isPruning)
    way.isLate = true
    if (way.waiting.length > 0) run.onPlanned?.({ ...whole, changes: [...way.waiting], problems: [] })
    if (way.waiting.length > 0 && way.paused === undefined) await waitForWave(way)
  } catch (error) {
    if (run.signal.aborted) return
    const { code, message } = describeFailure(error)
    way.failure ??= { code, message: `nothing is pruned: ${message}` }
  }
  await makeChanges(way)
}

async function waitForWave(way: Way): Promise<void> {
  const paused = await way.run.waves?.begin(way.name)
  if (paused !== undefined) way.paused = paused
  if (way.run.waves?.isLater(way.name) === true) way.isOld = true
}
