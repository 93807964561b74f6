import { toJsonSchema } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import { lockfileSchema, updateSchema } from '../../desired/lock/lockfile-schema.ts'
import { manifestSchema } from '../../manifest/manifest-schema.ts'
import { reportSchema } from '../../plan/outcome-schema.ts'
import { savedPlanSchema } from '../../plan/plan-file/saved-plan-schema.ts'
import { planDocumentSchema } from '../../plan/plan-schema.ts'
import { progressSchema } from '../progress-document.ts'
import { runReportSchema } from '../report-schema.ts'
import { watchSchema } from '../watch-document.ts'

/** A JSON Schema of draft 7, which editors of YAML know best. */
export interface JsonSchema {
  title?: string
  description?: string
  pattern?: string
  properties?: Record<string, JsonSchema>
  patternProperties?: Record<string, JsonSchema>
  additionalProperties?: JsonSchema | boolean
  items?: JsonSchema
  anyOf?: JsonSchema[]
  required?: string[]
  [keyword: string]: unknown
}

const schemas: Readonly<Record<string, () => JsonSchema>> = {
  manifest: describeManifest,
  plan: () => convert(planDocumentSchema, 'What `hyperkit-reconcile plan --json` prints'),
  'saved-plan': () => convert(savedPlanSchema, 'What `hyperkit-reconcile plan --out` writes'),
  lock: () => convert(lockfileSchema, 'The lock file that `hyperkit-reconcile update` writes'),
  update: () => convert(updateSchema, 'What `hyperkit-reconcile update --json` prints'),
  apply: () => convert(reportSchema, 'What `hyperkit-reconcile apply --json` prints'),
  progress: () => convert(progressSchema, 'One line that `hyperkit-reconcile apply --progress json` writes'),
  watch: () => convert(watchSchema, 'One line that `hyperkit-reconcile watch --json` prints'),
  report: () => convert(runReportSchema, 'What `--report FILE.json` writes'),
}

/** Names of the documents that have a schema. */
export const schemaNames: readonly string[] = Object.keys(schemas)

/**
 * The JSON Schema of a document, as text.
 *
 * @param name one of `schemaNames`
 */
export function renderJsonSchema(name: string): string {
  const schema = schemas[name]
  if (schema === undefined) throw new Error(`no schema "${name}"`)
  return `${JSON.stringify(schema(), null, 2)}\n`
}

function convert(schema: GenericSchema, title: string): JsonSchema {
  // What a schema of single values cannot say (`v.check`) stays with the program; types and keys are all there.
  const { $schema, ...rest } = toJsonSchema(schema, {
    target: 'draft-07',
    typeMode: 'input',
    errorMode: 'ignore',
  }) as JsonSchema
  return { $schema, title, ...rest }
}

function describeManifest(): JsonSchema {
  const schema = convert(manifestSchema, 'A manifest of hyperkit-reconcile')
  allowVariables(schema)
  return {
    ...schema,
    // A file beside others may have only servers, or only images.
    required: ['version', 'name'],
    patternProperties: { '^x-': { description: 'Ignored; a place for YAML anchors.' } },
  }
}

/** Anything may come from an environment variable, whatever it must look like in the end. */
function allowVariables(schema: JsonSchema): void {
  if (schema.pattern !== undefined) schema.pattern = `${schema.pattern}|\\$\\{`
  for (const value of Object.values(schema.properties ?? {})) allowVariables(value)
  for (const option of schema.anyOf ?? []) allowVariables(option)
  if (schema.items !== undefined) allowVariables(schema.items)
  if (typeof schema.additionalProperties === 'object') allowVariables(schema.additionalProperties)
}
