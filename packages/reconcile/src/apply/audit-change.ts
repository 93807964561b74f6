import { messageOf } from '@hyperkit/core/parts'
import type { ChangeResult } from '../documents/apply-report.ts'
import type { Change } from '../documents/plan.ts'
import { describeFailure } from '../sources/describe-failure.ts'
import type { Run } from './run-state.ts'
import { tryChange } from './try-change.ts'

/**
 * Makes one change of a server, with a line of the audit before and after it. A change that cannot be recorded is not made; one that was
 * made stays made.
 */
export async function auditChange(change: Change, server: string, run: Run): Promise<ChangeResult> {
  const { audit, onEvent } = run
  if (audit === undefined) return tryChange(change, server, run)
  try {
    await audit.begun(server, run.contents.fillIn(change))
  } catch (error) {
    const { code, message } = describeFailure(error)
    return { change, outcome: 'skipped', error: { code, message: `not started: ${message}` } }
  }
  const result = await tryChange(change, server, run)
  try {
    await audit.ended(server, result)
    return result
  } catch (error) {
    const message = `the audit does not have how it ended: ${messageOf(error)}`
    onEvent?.({ kind: 'warned', server, change, message })
    return { ...result, warnings: [...(result.warnings ?? []), message] }
  }
}
