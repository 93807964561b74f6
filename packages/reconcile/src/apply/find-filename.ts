import type { FieldChange } from '../documents/plan.ts'

/** The file name that an image should have; it can be set only when the image is created. */
export function findFilename(fields: readonly FieldChange[]): string | undefined {
  return fields.find((change) => change.field === 'filename')?.after
}
