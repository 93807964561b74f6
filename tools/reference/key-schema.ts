/** The part of a JSON Schema that the tables of keys are made from. */
export interface KeySchema {
  $id?: string
  title?: string
  type?: string
  const?: unknown
  enum?: readonly unknown[]
  description?: string
  properties?: Record<string, KeySchema>
  additionalProperties?: KeySchema | boolean
  items?: KeySchema
  anyOf?: readonly KeySchema[]
  oneOf?: readonly KeySchema[]
  required?: readonly string[]
}

/** The type of a key, in the words of the tables: `string`, `list of numbers`, the values it may have. */
export function nameType(schema: KeySchema): string {
  const { type, const: only, enum: choices, items, properties, additionalProperties } = schema
  const options = optionsOf(schema)
  if (only !== undefined) return `\`${String(only)}\``
  if (choices !== undefined) return choices.map((choice) => `\`${String(choice)}\``).join(', ')
  if (options.length > 0) return [...new Set(options.map(nameType))].join(' or ')
  if (items !== undefined) return `list of ${pluralOf(nameType(items))}`
  if (properties !== undefined) return 'map'
  if (typeof additionalProperties === 'object') return `map of ${pluralOf(nameType(additionalProperties))}`
  const names: Record<string, string> = {
    string: 'string',
    boolean: '`true`, `false`',
    number: 'number',
    integer: 'number',
    null: '`null`',
  }
  return names[type ?? ''] ?? 'string'
}

/** `strings or maps` of `string or map`. */
function pluralOf(type: string): string {
  return type.replace(/\b(?:string|number|map)\b/g, '$&s')
}

/** The schemas of which a value must match one; none if there is no choice. */
export function optionsOf({ anyOf, oneOf }: KeySchema): readonly KeySchema[] {
  return anyOf ?? oneOf ?? []
}
