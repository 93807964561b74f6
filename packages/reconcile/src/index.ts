/**
 * What a program needs to keep servers in line with a manifest: load it, plan, review the plan, apply it, report. The pieces that
 * the commands are built from are in `@hyperkit/reconcile/parts`.
 *
 * @module
 */

// The manifest
export {
  type LoadManifestOptions,
  type LoadedFile,
  type LoadedManifest,
  loadManifest,
} from './manifest/load-manifest.ts'
export type {
  AbsentImage,
  ImageAttributes,
  Manifest,
  ManifestAlias,
  ManifestImage,
  ManifestServer,
  PresentImage,
  PropertiesMode,
  Reach,
  ReachToken,
} from './manifest/manifest.ts'
export type { Rollout, WaveSize } from './manifest/rollout.ts'
export type { PatternKind, Policy, SourcePattern } from './manifest/policy.ts'
export type {
  FileSource,
  FingerprintSource,
  InstanceSource,
  RemoteSource,
  ServerSource,
  Source,
  SourceProtocol,
  SourceSecret,
  UrlSource,
} from './manifest/source.ts'

// Planning
export { type PlanManifestOptions, planManifest } from './run/plan-manifest.ts'
export {
  type PlanRollbackOptions,
  planRollback,
  type Rollback,
  type RollbackPlan,
} from './run/plan-rollback.ts'
export type { RunOptions } from './run/run-options.ts'

// The plan
export type {
  AliasState,
  Change,
  CopyImage,
  CreateAlias,
  Creation,
  DeleteImage,
  DownloadImage,
  FieldChange,
  ImageProblem,
  Plan,
  PlannedServer,
  PruneReason,
  PublishImage,
  RemoveAlias,
  ServerPlan,
  SparedVersion,
  UnreadServerPlan,
  UpdateAlias,
  UpdateImage,
  UploadImage,
} from './documents/plan.ts'
export type { ManifestPlan } from './plan/plan-file/manifest-plan.ts'
export type { Seen } from './documents/saved-plan.ts'
export { changesOf, summarizePlan } from './plan/summarize-plan.ts'
export type { PlanSummary } from './documents/plan.ts'
export { renderPlan } from './render/render-plan.ts'
export { readPlanFile } from './run/read-plan-file.ts'
export { type WritePlanFileOptions, writePlanFile } from './run/write-plan-file.ts'

// Applying
export { type ApplyPlanOptions, applyPlan } from './run/apply-plan.ts'
export type { ApplyEvent } from './plan/apply-event.ts'
export type { ApplyReport, ChangeResult, ServerReport } from './documents/apply-report.ts'
export type { Failure } from './documents/error.ts'
export type { PlannedRollout, PlannedWave, ReportedWave, RolloutReport } from './documents/rollout.ts'
export { renderReport } from './render/render-report.ts'
export { openAudit, type OpenAuditOptions, type OpenedAudit } from './audit/open-audit.ts'
export type { AuditLine } from './documents/audit.ts'
export type { WriteAudit } from './run/mask-audit.ts'

// Watching
export { type WatchManifestOptions, watchManifest } from './run/watch-manifest.ts'
export type { WatchEvent, WatchedRun } from './render/watch-event.ts'
export type { ServerState } from './documents/watch.ts'

// What servers have
export { exportManifest, type ExportManifestOptions, type ExportedManifest } from './run/export-manifest.ts'
export type { LeftOut } from './export/exported.ts'
export { readHistory, type ReadHistoryOptions } from './run/read-history.ts'
export type { History, ImageHistory, ServerHistory } from './documents/history.ts'
export { renderHistory } from './render/render-history.ts'

// Errors
export { ManifestError, type Problem, formatProblem } from './manifest/manifest-error.ts'
export type { Position } from './manifest/position.ts'
export { StalePlanError } from './plan/plan-file/stale-plan-error.ts'
export type { Moved } from './plan/plan-file/find-moved.ts'
export { PlanRefusedError } from './plan/guard/plan-refused-error.ts'
export type { Refusal } from './plan/guard/guard-plan.ts'

// Styles of text in a terminal
export { type Paint, plain, type Tone } from '@hyperkit/terminal/text'
