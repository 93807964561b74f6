import type { ServerReport } from '../documents/apply-report.ts'
import type { Failure } from '../documents/error.ts'
import { ruleCode } from '../plan/find-problems.ts'
import { refusedCode } from '../plan/guard/refuse-images.ts'
import type { Run } from './run-state.ts'

/**
 * Why nothing is pruned on a server: its wave has not passed its check, something failed there, also under another name, or a copy from
 * there failed.
 */
export async function findPruneObstacle(name: string, { phases, waves }: Run): Promise<Failure | undefined> {
  const skipped = (message: string): Failure => ({ code: 'skipped', message: `not started: ${message}` })
  const unchecked = await waves?.checked(name)
  if (unchecked !== undefined)
    return skipped(`nothing is pruned in a wave that has not passed its check: ${unchecked.message}`)
  const { names, same, copiers } = await phases.before(name)
  if (!same.every(isWell)) return skipped('nothing is pruned on a server on which something failed')
  const copier = copiers.find(({ results }) =>
    results.some(
      ({ change, outcome }) =>
        outcome !== 'done' && change.action === 'copy-image' && names.includes(change.from.server),
    ),
  )
  return copier && skipped(`"${copier.name}" has not copied its images from there`)
}

/** Codes of problems that were known before anything was sent; the plan keeps the versions of these images. */
const known = ['not-authorized', ruleCode, refusedCode]

function isWell({ status, error, results, problems = [] }: ServerReport): boolean {
  const isDone =
    error === undefined &&
    (status === 'done' || (status === 'failed' && results.every(({ outcome }) => outcome === 'done')))
  return isDone && problems.every(({ error: { code } }) => known.includes(code))
}
