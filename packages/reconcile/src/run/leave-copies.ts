import type { ChangeResult, ServerReport } from '../documents/apply-report.ts'
import type { ServerResult } from '../watch/pass-result.ts'

/** What is made of the report of a server, and what is left to a later pass. */
export interface Leaving {
  results: readonly ChangeResult[]
  left?: ServerResult['left']
}

/**
 * A copy from a server on which an earlier pass still works may have come too early, so it is no failure but left to a later pass, with
 * what was not begun because of it. If anything else failed, nothing is left: the server is retried as a whole.
 *
 * @param busy names of the servers on which an earlier pass still works
 */
export function leaveCopies(report: ServerReport | undefined, busy: readonly string[]): Leaving {
  const { results = [], error, problems = [] } = report ?? {}
  const undone = results.filter(({ outcome }) => outcome !== 'done')
  const sources = undone.map((result) => sourceOf(result, busy))
  const isOnlyEarly = undone.every(
    ({ outcome }, index) => outcome === 'skipped' || sources[index] !== undefined,
  )
  if (sources[0] === undefined || !isOnlyEarly || error !== undefined || problems.length > 0)
    return { results }
  return {
    results: results.filter(({ outcome }) => outcome === 'done'),
    left: {
      changes: undone.map(({ change }) => change),
      busy: [...new Set(sources.filter((name) => name !== undefined))],
    },
  }
}

function sourceOf({ change, outcome }: ChangeResult, busy: readonly string[]): string | undefined {
  if (change.action !== 'copy-image' || outcome === 'interrupted') return undefined
  return busy.includes(change.from.server) ? change.from.server : undefined
}
