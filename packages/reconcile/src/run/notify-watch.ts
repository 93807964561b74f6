import { paused } from '../render/render-rollout.ts'
import type { WatchEvent } from '../render/watch-event.ts'
import type { MetricsText } from '../watch/metrics/watch-metrics.ts'
import type { PassResult } from '../watch/pass-result.ts'
import type { RunWatchOptions } from '../watch/run-watch.ts'
import { notifyRun } from './notify-run.ts'

/** Sends the reports of a watch: of passes that changed something, and of passes with other failures than the pass before. */
export function createNotifier(
  command: string | undefined,
  { families }: MetricsText,
  tell: (event: WatchEvent) => void,
  signal: AbortSignal,
): RunWatchOptions['onRun'] {
  const failures = new Map<string, string>()
  const drifts = new Map<string, string>()
  /** With `--dry-run`, new drift counts as a change, once. */
  const isNewDrift = ({ servers }: PassResult): boolean => {
    const changed = servers.filter(({ name, pending }) => {
      const drift = JSON.stringify(pending)
      const isNew = drift !== (drifts.get(name) ?? '[]')
      drifts.set(name, drift)
      return isNew && pending.length > 0
    })
    return changed.length > 0
  }
  return async (pass, { manifest: { notify } }) => {
    const before = textOf(failures)
    // A pass usually covers only some servers; failures of the others are unchanged.
    for (const { name, failure } of pass.servers) {
      const message = (failure ?? pass.failure)?.message ?? pass.refusals.join('\n')
      if (message === '') failures.delete(name)
      else failures.set(name, message)
    }
    const waves = (pass.rollout ?? []).filter(({ code }) => code !== paused)
    // Servers that wait have a failure each.
    if (waves.length === 0) failures.delete('')
    else failures.set('', waves.map(({ message }) => message).join('\n'))
    const results = pass.servers.flatMap((server) => server.results)
    const problems = await notifyRun({
      notify,
      command,
      hasChanged: isNewDrift(pass) || results.some(({ outcome }) => outcome === 'done'),
      failure: textOf(failures),
      failureBefore: before,
      report: pass.report,
      signal,
    })
    if (problems === undefined) return
    families.notifications.add(1, { result: problems.length === 0 ? 'done' : 'failed' })
    for (const message of problems) tell({ kind: 'message', message })
  }
}

function textOf(failures: ReadonlyMap<string, string>): string {
  return [...failures].map(([name, message]) => (name === '' ? message : `${name}: ${message}`)).join('\n')
}
