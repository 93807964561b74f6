import type { Change } from '../documents/plan.ts'
import type { Touched } from '../observed/read-touched.ts'

/** The images and aliases that changes replace or remove if they are as they were read: those need ETags. */
export function findTouched(changes: readonly Change[]): Touched {
  return {
    aliases: changes.flatMap((change) =>
      change.action === 'update-alias' || change.action === 'remove-alias' ? [change.alias] : [],
    ),
    fingerprints: changes.flatMap((change) =>
      change.action === 'update-image' || change.action === 'delete-image' ? [change.fingerprint] : [],
    ),
  }
}
