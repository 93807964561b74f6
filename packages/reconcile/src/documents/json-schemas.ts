import { toJsonSchema } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import { applyDocumentSchema } from './apply-report.ts'
import { auditSchema } from './audit.ts'
import { errorDocumentSchema } from './error.ts'
import { historyDocumentSchema } from './history.ts'
import { lockfileSchema, updateSchema } from './lock-file.ts'
import { planDocumentSchema } from './plan.ts'
import { progressSchema } from './progress.ts'
import { runReportSchema } from './run-report.ts'
import { savedPlanSchema } from './saved-plan.ts'
import { validationSchema } from './validation.ts'
import { watchSchema } from './watch.ts'

/** A JSON Schema of draft 7, which YAML editors support best. */
export interface JsonSchema {
  $id?: string
  title?: string
  description?: string
  pattern?: string
  properties?: Record<string, JsonSchema>
  patternProperties?: Record<string, JsonSchema>
  additionalProperties?: JsonSchema | boolean
  items?: JsonSchema
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  required?: string[]
  [keyword: string]: unknown
}

/**
 * Names of the documents that have a schema, as in `hyperkit-reconcile schema`, without the manifest.
 *
 * @example
 * ```ts
 * import { documentNames, jsonSchemaOf } from '@hyperkit/reconcile/documents'
 *
 * for (const name of documentNames) console.log(jsonSchemaOf(name).$id)
 * ```
 */
export const documentNames = [
  'plan',
  'saved-plan',
  'lock',
  'update',
  'apply',
  'progress',
  'watch',
  'report',
  'history',
  'validation',
  'audit',
  'error',
] as const

/** The name of a document that has a JSON Schema, as in `hyperkit-reconcile schema`. */
export type DocumentName = (typeof documentNames)[number]

const documents: Record<DocumentName, readonly [GenericSchema, string]> = {
  plan: [planDocumentSchema, 'What `hyperkit-reconcile plan --json` prints'],
  'saved-plan': [savedPlanSchema, 'What `hyperkit-reconcile plan --out` writes'],
  lock: [lockfileSchema, 'The lock file that `hyperkit-reconcile update` writes'],
  update: [updateSchema, 'What `hyperkit-reconcile update --json` prints'],
  apply: [applyDocumentSchema, 'What `hyperkit-reconcile apply --json` prints'],
  progress: [progressSchema, 'One line that `hyperkit-reconcile apply --progress json` writes'],
  watch: [watchSchema, 'One line that `hyperkit-reconcile watch --json` prints'],
  report: [runReportSchema, 'What `--report FILE.json` writes'],
  history: [historyDocumentSchema, 'What `hyperkit-reconcile history --json` prints'],
  validation: [validationSchema, 'What `hyperkit-reconcile validate --json` prints'],
  audit: [auditSchema, 'One line that `--audit` writes'],
  error: [errorDocumentSchema, 'What a command with `--json` prints if it fails before it has a result'],
}

/**
 * The JSON Schema of a document, of draft 7.
 *
 * @example
 * ```ts
 * const { title, properties } = jsonSchemaOf('plan')
 * console.log(title, Object.keys(properties ?? {}))
 * ```
 */
export function jsonSchemaOf(name: DocumentName): JsonSchema {
  const [schema, title] = documents[name]
  return convertSchema(name, schema, title)
}

/** @param name the name of the document, which becomes part of its `$id` */
export function convertSchema(name: string, schema: GenericSchema, title: string): JsonSchema {
  // JSON Schema cannot express every check (`v.check`), so those are left out; all types and keys are included.
  const { $schema, ...rest } = toJsonSchema(schema, {
    target: 'draft-07',
    typeMode: 'input',
    errorMode: 'ignore',
  }) as JsonSchema
  return { $schema, $id: `urn:hyperkit:schema:${name}:1`, title, ...rest }
}
