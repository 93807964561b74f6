import type { PruneReason } from '../documents/plan.ts'

/** Why retention deletes a version. */
export function explainPrune(reason: PruneReason): string {
  if (reason.kind !== 'superseded')
    return reason.kind === 'absent'
      ? 'the manifest says that it should be absent'
      : 'the manifest no longer names it'
  const { position, keep, keepDays, uploadedAt } = reason
  const days = keepDays === undefined ? '' : ` and keepDays ${keepDays}`
  const time = uploadedAt === null ? '' : ` of ${uploadedAt.slice(0, 10)}`
  return `version ${position}${time}, keep is ${keep}${days}`
}
