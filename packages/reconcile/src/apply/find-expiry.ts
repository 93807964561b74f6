import type { FieldChange } from '../documents/plan.ts'

/** The expiry that a manifest gives an image; `null` for none, undefined if the manifest does not say. */
export function findExpiry(fields: readonly FieldChange[]): Date | null | undefined {
  const after = fields.find((change) => change.field === 'expiresAt')?.after
  return typeof after === 'string' ? new Date(after) : after
}
