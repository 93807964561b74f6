import type { ServerReport } from '../documents/apply-report.ts'
import type { Failure } from '../documents/error.ts'
import type { ReportedWave } from '../documents/rollout.ts'

const interrupted = 'interrupted'

/** The failure of everything that an aborted run did not begin. */
export function interruption({ aborted }: AbortSignal): Failure | undefined {
  return aborted ? { code: interrupted, message: 'not started: the run was interrupted' } : undefined
}

/** Why a wave failed, given those of its servers that did not end well; undefined if there are none. */
export function explainServers(bad: readonly ServerReport[]): Failure | undefined {
  const [first] = bad
  if (first === undefined) return undefined
  const sentences = bad.slice(0, 3).map((report) => {
    const what = report.status === 'unread' ? 'could not be read' : 'failed'
    return `"${report.name}" ${what}: ${failureOf(report)?.message ?? report.status}`
  })
  const more = bad.length > 3 ? [`and ${bad.length - 3} more`] : []
  return { code: failureOf(first)?.code ?? first.status, message: [...sentences, ...more].join('; ') }
}

/** Why a server did not end well. */
function failureOf({ error, results, problems = [] }: ServerReport): Failure | undefined {
  return error ?? results.find(({ outcome }) => outcome !== 'done')?.error ?? problems[0]?.error
}

/** The state of a wave after which nothing wanted to begin. */
export function stateOfWave(reports: readonly ServerReport[]): Pick<ReportedWave, 'state' | 'error'> {
  if (reports.some(({ status }) => status === 'waiting')) return { state: 'waiting' }
  const bad = reports.filter(({ status }) => status !== 'done')
  const error = explainServers(bad)
  if (error === undefined) return { state: 'done' }
  return { state: bad.some(({ status }) => status === interrupted) ? 'interrupted' : 'failed', error }
}
