/**
 * The JSON documents of the commands, and the lock file: each as a valibot schema, as its type, and as a JSON Schema. Nothing
 * here needs Node, so a page in a browser can read what a command wrote.
 *
 * @example
 * ```ts
 * import { jsonSchemaOf, planDocumentSchema } from '@hyperkit/reconcile/documents'
 * import { safeParse } from 'valibot'
 *
 * const printed: unknown = JSON.parse('{"format":"hyperkit-plan","version":1}')
 * const { success, issues = [] } = safeParse(planDocumentSchema, printed)
 * console.log(success, issues.length, jsonSchemaOf('plan').$id)
 * ```
 *
 * @module
 */

// As valibot schemas
export {
  planSchema,
  planDocumentSchema,
  savedPlanSchema,
  applyReportSchema,
  auditSchema,
  applyDocumentSchema,
  progressSchema,
  runReportSchema,
  watchSchema,
  historyDocumentSchema,
  validationSchema,
  updateSchema,
  lockfileSchema,
  errorDocumentSchema,
} from './documents/schemas.ts'

// As JSON Schemas
export { documentNames, jsonSchemaOf, type DocumentName, type JsonSchema } from './documents/json-schemas.ts'

// As types: what plan prints, and what plan --out writes
export type {
  Change,
  Plan,
  PlanDocument,
  PlannedServer,
  PlanSummary,
  ServerPlan,
  UnreadServerPlan,
} from './documents/plan.ts'
export type { SavedPlan, Seen } from './documents/saved-plan.ts'

// What apply prints and writes
export type { PlannedRollout, RolloutReport } from './documents/rollout.ts'
export type { ApplyDocument, ApplyReport, ChangeResult, ServerReport } from './documents/apply-report.ts'
export type { AuditLine } from './documents/audit.ts'
export type { ProgressDocument } from './documents/progress.ts'
export type { RunReport } from './documents/run-report.ts'

// What the other commands print, and the lock file
export type { WatchDocument } from './documents/watch.ts'
export type { History, HistoryDocument } from './documents/history.ts'
export type { ValidationDocument } from './documents/validation.ts'
export type { Lockfile, UpdateDocument } from './documents/lock-file.ts'
export type { ErrorDocument, Failure } from './documents/error.ts'
