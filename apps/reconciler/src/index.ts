// The rooms of the reconciler, for who wants them without the command.

export { type ApplyPlanOptions, applyPlan } from './apply/apply-plan.ts'
export type {
  AbsentName,
  Desired,
  DesiredImage,
  DesiredServer,
  ImageFiles,
  RetentionRule,
} from './desired/desired.ts'
export { type Fingerprinter, type ResolveDesiredOptions, resolveDesired } from './desired/resolve-desired.ts'
export { type GuardOptions, guardPlan, type Refusal } from './guard/guard-plan.ts'
export { loadManifest } from './manifest/load-manifest.ts'
export type {
  AbsentImage,
  FileSource,
  Manifest,
  ManifestAlias,
  ManifestImage,
  ManifestServer,
  Position,
  PresentImage,
  Reach,
} from './manifest/manifest.ts'
export { formatProblem, ManifestError, type Problem } from './manifest/manifest-error.ts'
export { type ManifestText, parseManifest } from './manifest/parse-manifest.ts'
export type {
  ObservedAlias,
  ObservedImage,
  ObservedServer,
  ObservedVersion,
  ReadServer,
  ReadVersions,
  UnreadServer,
} from './observed/observed.ts'
export { openClient } from './observed/open-client.ts'
export { type ReadObservedOptions, readObserved } from './observed/read-observed.ts'
export { readVersions } from './observed/read-versions.ts'
export { arrangeHistory, type History, type ImageHistory, type ServerHistory } from './plan/history.ts'
export type { ApplyEvent, ApplyReport, ChangeResult, Failure, ServerReport } from './plan/outcome.ts'
export { ownerProperty } from './plan/owner-property.ts'
export type {
  AliasState,
  Change,
  CreateAlias,
  DeleteImage,
  FieldChange,
  Plan,
  PlannedServer,
  PruneReason,
  RemoveAlias,
  ServerPlan,
  SparedVersion,
  UnreadServerPlan,
  UpdateAlias,
  UpdateImage,
  UploadImage,
} from './plan/plan.ts'
export { planAdoption } from './plan/plan-adoption.ts'
export { planChanges } from './plan/plan-changes.ts'
export { type PlanPruningOptions, planPruning } from './plan/plan-pruning.ts'
export { planRollback, type RollbackWish } from './plan/plan-rollback.ts'
export { changesOf, type PlanSummary, summarizePlan } from './plan/summarize-plan.ts'
export { type Paint, plain, type Tone } from './render/paint.ts'
export { renderHistory, renderHistoryJson } from './render/render-history.ts'
export { renderPlan } from './render/render-plan.ts'
export { renderPlanJson } from './render/render-plan-json.ts'
export { renderReport, renderReportJson } from './render/render-report.ts'
