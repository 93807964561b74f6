import type { FieldChange } from '../documents/plan.ts'

/** The properties that a new image shall have beside its own; an empty value removes one. */
export function propertiesOf(fields: readonly FieldChange[]): Record<string, string> {
  return Object.fromEntries(
    fields.flatMap((change) => (change.field === 'property' ? [[change.key, change.after ?? '']] : [])),
  )
}
