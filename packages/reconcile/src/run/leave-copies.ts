import type { ChangeResult, ServerReport } from '../documents/apply-report.ts'
import type { ServerResult } from '../watch/pass-result.ts'

/** What is made of the report of a server, and what is left to a later pass. */
export interface Leaving {
  results: readonly ChangeResult[]
  left?: ServerResult['left']
}

/**
 * A copy from a server on which an earlier pass still works may have come too early, so it is no failure but left to a later pass, with
 * what was not begun because of it: the other changes of that image, and removals. If anything else was not done, nothing is left: the
 * server is retried as a whole, and every change keeps its own reason.
 *
 * @param busy names of the servers on which an earlier pass still works
 */
export function leaveCopies(report: ServerReport | undefined, busy: readonly string[]): Leaving {
  const { results = [], error, problems = [] } = report ?? {}
  const undone = results.filter(({ outcome }) => outcome !== 'done')
  const early = undone.filter((result) => sourceOf(result, busy) !== undefined)
  const isOnlyEarly = undone.every((result) => early.includes(result) || isHeldUp(result, early))
  if (early.length === 0 || !isOnlyEarly || error !== undefined || problems.length > 0) return { results }
  return {
    results: results.filter(({ outcome }) => outcome === 'done'),
    left: {
      changes: undone.map(({ change }) => change),
      busy: [...new Set(early.flatMap((result) => sourceOf(result, busy) ?? []))],
    },
  }
}

/** Whether a change was skipped because of such copies. One that was skipped for a reason of its own has that reason's code. */
function isHeldUp({ change, outcome, error }: ChangeResult, early: readonly ChangeResult[]): boolean {
  if (outcome !== 'skipped' || error?.code !== 'skipped') return false
  const isRemoval = change.action === 'remove-alias' || change.action === 'delete-image'
  return isRemoval || early.some((copy) => copy.change.fingerprint === change.fingerprint)
}

function sourceOf({ change, outcome }: ChangeResult, busy: readonly string[]): string | undefined {
  if (change.action !== 'copy-image' || outcome === 'interrupted') return undefined
  return busy.includes(change.from.server) ? change.from.server : undefined
}
