// The rooms of the reconciler, for who wants them without the command.

export { type ApplyPlanOptions, applyPlan } from './apply/apply-plan.ts'
export {
  desirePromotion,
  type NamedContent,
  type Promotion,
} from './desired/desire-promotion.ts'
export type {
  AbsentName,
  Desired,
  DesiredImage,
  DesiredServer,
  RetentionRule,
  UnresolvedImage,
} from './desired/desired.ts'
export { compareLockfile, type Declared } from './desired/lock/compare-lockfile.ts'
export {
  contentFor,
  type LockedContent,
  type LockedImage,
  type LockedSource,
  type Lockfile,
  type ReadLockfile,
  type ServersContent,
  type SourceContent,
} from './desired/lock/lockfile.ts'
export { parseLockfile } from './desired/lock/parse-lockfile.ts'
export { renderLockfile } from './desired/lock/render-lockfile.ts'
export { type LockMove, type UpdateLockfileOptions, updateLockfile } from './desired/lock/update-lockfile.ts'
export { type ResolveDesiredOptions, resolveDesired } from './desired/resolve-desired.ts'
export { type ArrangeExportOptions, arrangeExport } from './export/arrange-export.ts'
export type { Holding, NamedImage } from './export/choose-names.ts'
export type {
  Exported,
  ExportedFiles,
  ExportedImage,
  ExportedServer,
  LeftOut,
} from './export/exported.ts'
export { writeManifest } from './export/write-manifest.ts'
export type { Environment } from './manifest/expand-variables.ts'
export { imageOn } from './manifest/image-on.ts'
export { type LoadedFile, loadManifest, loadManifests } from './manifest/load-manifest.ts'
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
export { formatProblem, ManifestError, type Problem } from './manifest/manifest-error.ts'
export { type ManifestText, parseManifest, parseManifests } from './manifest/parse-manifest.ts'
export type { Position } from './manifest/position.ts'
export { checkSelection, findServers, type Selection, selectServers } from './manifest/select-servers.ts'
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
export type { InventoryImage, ServerInventory } from './observed/inventory.ts'
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
export { readAliases } from './observed/read-aliases.ts'
export { readInventory } from './observed/read-inventory.ts'
export { type ReadObservedOptions, readObserved } from './observed/read-observed.ts'
export { readVersions } from './observed/read-versions.ts'
export { ownerProperty } from './ownership/owner-property.ts'
export { describeNewAliases } from './plan/describe-new-aliases.ts'
export { type GuardOptions, guardPlan, type Refusal } from './plan/guard/guard-plan.ts'
export { arrangeHistory, type History, type ImageHistory, type ServerHistory } from './plan/history.ts'
export type { ApplyEvent, ApplyReport, ChangeResult, Failure, ServerReport } from './plan/outcome.ts'
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
} from './plan/plan.ts'
export { planAdoption } from './plan/plan-adoption.ts'
export { planChanges } from './plan/plan-changes.ts'
export { describeMoved, findMoved, type Moved } from './plan/plan-file/find-moved.ts'
export { noteContents, noteSeen } from './plan/plan-file/note-seen.ts'
export { readSavedPlan } from './plan/plan-file/read-saved-plan.ts'
export type {
  SavedPlan,
  Seen,
  SeenAlias,
  SeenContent,
  SeenFile,
  SeenImage,
  SeenServer,
} from './plan/plan-file/saved-plan.ts'
export { isSealed, sealPlan } from './plan/plan-file/seal-plan.ts'
export { StalePlanError } from './plan/plan-file/stale-plan-error.ts'
export { writeSavedPlan } from './plan/plan-file/write-saved-plan.ts'
export { type PlanPruningOptions, planPruning } from './plan/plan-pruning.ts'
export { planRollback, type RollbackWish } from './plan/plan-rollback.ts'
export { narrowDesired, restrictPlan } from './plan/restrict-plan.ts'
export { changesOf, type PlanSummary, summarizePlan } from './plan/summarize-plan.ts'
export { buildReport, type Run } from './render/build-report.ts'
export { type Paint, plain, type Tone } from './render/paint.ts'
export { renderHistory, renderHistoryJson } from './render/render-history.ts'
export { renderPlan } from './render/render-plan.ts'
export { renderPlanJson } from './render/render-plan-json.ts'
export { renderReport, renderReportJson } from './render/render-report.ts'
export { renderReportHtml } from './render/render-report-html.ts'
export { renderReportMarkdown } from './render/render-report-markdown.ts'
export type {
  CellState,
  ReportedCell,
  ReportedChange,
  ReportedServer,
  ReportSummary,
  RunReport,
} from './render/run-report.ts'
export type { Content, ImageFiles, Origin } from './sources/content.ts'
export type { Fingerprinter, SourceContext } from './sources/source-context.ts'
