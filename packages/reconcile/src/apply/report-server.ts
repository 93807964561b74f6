import type { ChangeResult, ServerReport } from '../documents/apply-report.ts'
import type { Failure } from '../documents/error.ts'
import type { ImageProblem } from '../documents/plan.ts'
import { statusOf } from './find-obstacle.ts'
import type { Run } from './run-state.ts'
import type { Way } from './way.ts'

/** All changes but those of pruning have been made, or will not be. */
export function endWork(way: Way): void {
  const { run } = way
  if (way.isWorked) return
  way.isWorked = true
  const report = reportOf(way)
  run.phases.end(report)
  run.onWorked?.(report)
}

/** What was done on a server so far, in the order of its plan. */
export function reportOf({ name, server, results: ended, order, failure, paused, run }: Way): ServerReport {
  const at = ({ change }: ChangeResult): number => order.get(change) ?? order.size
  const results = [...ended].sort((one, other) => at(one) - at(other))
  const problems: ImageProblem[] = server.problems ?? []
  const status =
    failure !== undefined ? 'failed' : isWaiting(paused, run) ? 'waiting' : statusOf(results, run.signal)
  return {
    name,
    status: status === 'done' && problems.length > 0 ? 'failed' : status,
    ...(failure === undefined ? {} : { error: failure }),
    results,
    ...(problems.length === 0 ? {} : { problems }),
  }
}

/** The address in use, if requests do not go to the first one of the server. */
export async function readAddress({ name, run }: Way): Promise<Pick<ServerReport, 'address'>> {
  try {
    const { address, origin } = await run.open(name)
    return address === origin ? {} : { address }
  } catch {
    // Why it cannot be opened is in the results.
    return {}
  }
}

function isWaiting(paused: Failure | undefined, { signal }: Run): boolean {
  return paused !== undefined && !signal.aborted
}
