import type { FieldChange } from '../documents/plan.ts'

/** The properties to add to those that a new image brings; an empty value removes one. */
export function propertiesOf(fields: readonly FieldChange[]): Record<string, string> {
  return Object.fromEntries(
    fields.flatMap((change) => (change.field === 'property' ? [[change.key, change.after ?? '']] : [])),
  )
}
