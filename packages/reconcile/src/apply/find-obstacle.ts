import type { ChangeResult, ServerReport } from '../documents/apply-report.ts'
import type { Failure } from '../documents/error.ts'
import type { Change } from '../documents/plan.ts'
import { unreachable } from './try-change.ts'

/** Why a change must not be started, given the results of the changes before it. */
export function findObstacle(
  change: Change,
  results: readonly ChangeResult[],
  signal: AbortSignal,
): Failure | undefined {
  if (signal.aborted) return { code: 'interrupted', message: 'not started: the run was interrupted' }
  const failed = results.filter(({ outcome }) => outcome !== 'done')
  const gone = failed.find(({ error }) => error !== undefined && unreachable.includes(error.code))
  if (gone?.error) return { code: 'unreachable', message: `not started: ${gone.error.message}` }
  if (failed.some((result) => result.change.fingerprint === change.fingerprint))
    return { code: 'skipped', message: 'not started: an earlier change of this image failed' }
  const isRemoval = change.action === 'remove-alias' || change.action === 'delete-image'
  return isRemoval && failed.length > 0
    ? { code: 'skipped', message: 'not started: nothing is removed from a server on which something failed' }
    : undefined
}

/** Whether a server is done, given the results of its changes. */
export function statusOf(results: readonly ChangeResult[], signal: AbortSignal): ServerReport['status'] {
  if (results.every(({ outcome }) => outcome === 'done')) return 'done'
  return signal.aborted ? 'interrupted' : 'failed'
}
