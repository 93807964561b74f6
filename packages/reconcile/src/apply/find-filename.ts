import type { FieldChange } from '../documents/plan.ts'

/** The file name that an image shall have; it can be told at its creation only. */
export function findFilename(fields: readonly FieldChange[]): string | undefined {
  return fields.find((change) => change.field === 'filename')?.after
}
