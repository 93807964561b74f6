import {
  convertSchema,
  type DocumentName,
  documentNames,
  type JsonSchema,
  jsonSchemaOf,
} from '../../documents/json-schemas.ts'
import { manifestSchema } from '../../manifest/manifest-schema.ts'

/** Names of everything that has a schema: the manifest and the documents. */
export const schemaNames: readonly ('manifest' | DocumentName)[] = ['manifest', ...documentNames]

/**
 * The JSON Schema of the manifest or of a document, as text.
 *
 * @param name one of `schemaNames`
 */
export function renderJsonSchema(name: string): string {
  const known = schemaNames.find((each) => each === name)
  if (known === undefined) throw new Error(`no schema "${name}"`)
  const schema = known === 'manifest' ? describeManifest() : jsonSchemaOf(known)
  return `${JSON.stringify(schema, null, 2)}\n`
}

function describeManifest(): JsonSchema {
  const schema = convertSchema('manifest', manifestSchema, 'A manifest of hyperkit-reconcile')
  allowVariables(schema)
  return {
    ...schema,
    // A manifest in several files may have only servers, or only images, in one of them.
    required: ['version', 'name'],
    patternProperties: { '^x-': { description: 'Ignored; a place for YAML anchors.' } },
  }
}

/** Allows an environment variable in place of any text, whatever pattern the final text must match. */
function allowVariables(schema: JsonSchema): void {
  if (schema.pattern !== undefined) schema.pattern = `${schema.pattern}|\\$\\{`
  for (const value of Object.values(schema.properties ?? {})) allowVariables(value)
  for (const option of schema.anyOf ?? []) allowVariables(option)
  if (schema.items !== undefined) allowVariables(schema.items)
  if (typeof schema.additionalProperties === 'object') allowVariables(schema.additionalProperties)
}
