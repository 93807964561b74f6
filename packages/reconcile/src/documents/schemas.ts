import type { GenericSchema } from 'valibot'
import * as applied from './apply-report.ts'
import * as audited from './audit.ts'
import * as failed from './error.ts'
import * as past from './history.ts'
import * as locked from './lock-file.ts'
import * as planned from './plan.ts'
import { type ProgressDocument, progressSchema as progress } from './progress.ts'
import { type RunReport, runReportSchema as report } from './run-report.ts'
import { type SavedPlan, savedPlanSchema as saved } from './saved-plan.ts'
import { type ValidationDocument, validationSchema as validation } from './validation.ts'
import { type WatchDocument, watchSchema as watch } from './watch.ts'

/** A plan, as `planManifest` returns it. */
export const planSchema: GenericSchema<unknown, planned.Plan> = planned.planSchema

/** What `plan --json` prints: the plan with its totals. */
export const planDocumentSchema: GenericSchema<unknown, planned.PlanDocument> = planned.planDocumentSchema

/** The file that `plan --out` writes. */
export const savedPlanSchema: GenericSchema<unknown, SavedPlan> = saved

/** The result of applying a plan, as `applyPlan` returns it. */
export const applyReportSchema: GenericSchema<unknown, applied.ApplyReport> = applied.applyReportSchema

/** What `apply --json` prints. */
export const applyDocumentSchema: GenericSchema<unknown, applied.ApplyDocument> = applied.applyDocumentSchema

/** One line of `--progress json`. A version may get new events and new keys; existing ones keep their meaning. */
export const progressSchema: GenericSchema<unknown, ProgressDocument> = progress

/** The file that `--report FILE.json` writes. */
export const runReportSchema: GenericSchema<unknown, RunReport> = report

/** One line of `watch --json`. A version may get new events and new keys; existing ones keep their meaning. */
export const watchSchema: GenericSchema<unknown, WatchDocument> = watch

/** One line that `--audit` writes: before a change, and after it. */
export const auditSchema: GenericSchema<unknown, audited.AuditLine> = audited.auditSchema

/** What `history --json` prints. */
export const historyDocumentSchema: GenericSchema<unknown, past.HistoryDocument> = past.historyDocumentSchema

/** What `validate --json` prints. */
export const validationSchema: GenericSchema<unknown, ValidationDocument> = validation

/** What `update --json` prints. */
export const updateSchema: GenericSchema<unknown, locked.UpdateDocument> = locked.updateSchema

/** The lock file, as `update` writes it. */
export const lockfileSchema: GenericSchema<unknown, locked.Lockfile> = locked.lockfileSchema

/** The only document on stdout if a command with `--json` fails before it has a result; in NDJSON, the last line. */
export const errorDocumentSchema: GenericSchema<unknown, failed.ErrorDocument> = failed.errorDocumentSchema
