import type { PruneReason } from '../documents/plan.ts'

/** Why retention lets a version go. */
export function explainPrune(reason: PruneReason): string {
  if (reason.kind !== 'superseded')
    return reason.kind === 'absent' ? 'shall be absent' : 'the manifest does not name it any more'
  const { position, keep, keepDays, uploadedAt } = reason
  const days = keepDays === undefined ? '' : ` and keepDays ${keepDays}`
  const time = uploadedAt === null ? '' : ` of ${uploadedAt.slice(0, 10)}`
  return `version ${position}${time}, keep is ${keep}${days}`
}
