/**
 * The pieces that the commands, and packages around the engine, are built from, in addition to `@hyperkit/reconcile`. They may
 * change in a minor version.
 *
 * @example
 * ```ts
 * import { loadManifest } from '@hyperkit/reconcile'
 * import { fingerprintFiles, openOnce, planChanges, readObserved, resolveDesired } from '@hyperkit/reconcile/parts'
 *
 * const manifest = await loadManifest('images.yaml')
 * const { open, close } = openOnce(manifest)
 * const desired = await resolveDesired(manifest, { open, fingerprint: fingerprintFiles })
 * const plan = planChanges(desired, await readObserved(desired, { open }))
 * await close()
 * console.log(plan.servers.length)
 * ```
 *
 * @module
 */

// From text to a manifest, and the choice of its servers and images
export { type ManifestText, parseManifest, parseManifests } from './manifest/parse-manifest.ts'
export type { Environment } from './manifest/expand-variables.ts'
export { checkSelection, findServers, type Selection, selectServers } from './manifest/select-servers.ts'
export { imageOn } from './manifest/image-on.ts'
export { findUnportable } from './manifest/find-unportable.ts'

// Connections
export { createImagesAtOnce, imagesAtOnce } from './concurrency/images-at-once.ts'
export { serversAtOnce } from './concurrency/servers-at-once.ts'
export { openClient } from './observed/open-client.ts'
export { askServers, type AskServersOptions, chooseServers, type ServerAnswer } from './run/ask-servers.ts'
export { type Connections, openOnce } from './run/connections.ts'
export { noteOnce } from './run/observe-each.ts'
export type { OpenOptions, WrapTransport } from './sources/wrap-transport.ts'

// The desired state: sources and their fingerprints
export { type ResolveDesiredOptions, resolveDesired } from './desired/resolve-desired.ts'
export { desirePromotion, type NamedContent, type Promotion } from './desired/desire-promotion.ts'
export type {
  AbsentName,
  Desired,
  DesiredImage,
  DesiredServer,
  RetentionRule,
  UnresolvedImage,
} from './desired/desired.ts'
export type { Content, Origin } from './sources/content.ts'
export type { ImageFiles } from './documents/plan.ts'
export type { Fingerprinter, SourceContext } from './sources/source-context.ts'

// The lock file
export { lockfilePath } from './desired/lock/lockfile-path.ts'
export { readLockfile } from './desired/lock/read-lockfile.ts'
export { parseLockfile } from './desired/lock/parse-lockfile.ts'
export { renderLockfile } from './desired/lock/render-lockfile.ts'
export { writeLockfile } from './desired/lock/write-lockfile.ts'
export { checkLockable } from './desired/lock/check-lockable.ts'
export { lockableImages } from './desired/lock/lockable-images.ts'
export { compareLockfile, type Declared } from './desired/lock/compare-lockfile.ts'
export { type LockMove, type UpdateLockfileOptions, updateLockfile } from './desired/lock/update-lockfile.ts'
export { contentFor, type ReadLockfile, type SourceContent } from './desired/lock/lockfile.ts'
export type {
  LockedContent,
  LockedImage,
  LockedSource,
  Lockfile,
  ServersContent,
} from './documents/lock-file.ts'
export { createFingerprinter, type FingerprinterOptions, fingerprintFiles } from './run/fingerprint-files.ts'
export {
  lockableContents,
  type ResolveLockedOptions,
  resolveLocked,
} from './run/resolve-locked.ts'
export { type CheckSourceFilesOptions, checkSourceFiles } from './run/check-source-files.ts'
export { describeLockMoves, renderLockMoves } from './render/render-lock-moves.ts'

// What servers have
export { type KnownServers, type ReadObservedOptions, readObserved } from './observed/read-observed.ts'
export { readAliases } from './observed/read-aliases.ts'
export { readInventory } from './observed/read-inventory.ts'
export { readVersions } from './observed/read-versions.ts'
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

// Owners of images, and holders of the lock
export { ownerProperty } from './ownership/owner-property.ts'

// Planning: pure, from the desired and the observed state
export { planChanges } from './plan/plan-changes.ts'
export { planRollout } from './plan/plan-rollout.ts'
export { type SortedServer, sortIntoWaves } from './plan/sort-into-waves.ts'
export { refuseImages } from './plan/guard/refuse-images.ts'
export { planPruning, type PlanPruningOptions } from './plan/plan-pruning.ts'
export { planAdoption } from './plan/plan-adoption.ts'
export {
  type AliasRollback,
  type AliasRollbackResult,
  planAliasRollback,
} from './plan/plan-alias-rollback.ts'
export { narrowDesired, restrictPlan } from './plan/restrict-plan.ts'
export { describeNewAliases } from './plan/describe-new-aliases.ts'
export { checkPolicy } from './plan/guard/check-policy.ts'
export { type GuardOptions, guardPlan } from './plan/guard/guard-plan.ts'
export { guardPolicy } from './plan/guard/guard-policy.ts'
export { lackingIn, problemsOf } from './plan/summarize-plan.ts'
export { isCreation } from './plan/plan-creation.ts'
export { ruleCode } from './plan/find-problems.ts'
export { arrangeHistory } from './plan/history.ts'

// From files to a plan, with everything that it was made from
export { observeManifest, planLoaded, preparePlan } from './run/prepare-plan.ts'
export {
  type ArrivingPlan,
  type ArrivingServerPlan,
  type BegunServer,
  planEach,
  type PlanEachOptions,
} from './run/plan-each.ts'
export { explainPlanningAgain } from './run/explain-planning-again.ts'
export { keepKnown } from './run/keep-known.ts'
export { measureSpace } from './run/measure-space.ts'
export type {
  ObservedManifest,
  PlanChoice,
  PlanInput,
  Prepared,
  PreparedPlan,
  Preparing,
} from './run/preparing.ts'
export { checkTarget, planRollbackOver } from './run/plan-rollback.ts'

// Saved plans
export { recordBasis } from './run/record-basis.ts'
export { planAgain, prepareSaved } from './run/plan-again.ts'
export { isPlanFile, readSavedPlan } from './plan/plan-file/read-saved-plan.ts'
export { checkPlanPlace, writeSavedPlan } from './plan/plan-file/write-saved-plan.ts'
export { isSealed, sealPlan } from './plan/plan-file/seal-plan.ts'
export { recordContents, recordSeen } from './plan/plan-file/record-seen.ts'
export { describeMoved, findMoved } from './plan/plan-file/find-moved.ts'
export type {
  SavedPlan,
  SeenAlias,
  SeenContent,
  SeenFile,
  SeenImage,
  SeenServer,
} from './documents/saved-plan.ts'

// Applying
export {
  carryOutEach,
  type CarryOutEachOptions,
  carryOutPlan,
  type CarryOutPlanOptions,
} from './apply/carry-out-plan.ts'
export type { ComingServer, ServerToDo } from './apply/coming-server.ts'
export { arrivedPlan } from './run/arrived-plan.ts'
export { carryOutArriving, type CarryOutArrivingOptions } from './run/carry-out-arriving.ts'
export { type Audit, type AuditOptions, createAudit } from './audit/audit.ts'
export { describeFailure } from './sources/describe-failure.ts'
export type { LockHolder } from './ownership/lock-alias.ts'
export { describeUser } from './apply/describe-user.ts'
export { defaultLockTimeout } from './run/apply-plan.ts'
export type { LockOptions } from './apply/lock-servers.ts'
export type { RolloutOptions } from './apply/create-waves.ts'
export { openUploadNotes, type UploadNote, type UploadNotes } from './apply/upload-notes.ts'
export type { PlannedAgain, Remaining } from './apply/run-state.ts'
export { othersThan, pickServer } from './run/pick-server.ts'
export { type Lock, releaseLock, takeLock, type TakeLockOptions } from './apply/take-lock.ts'
export { lockAliasOf } from './apply/lock-alias-of.ts'
export { waitForPull } from './apply/wait-for-pull.ts'
export { deleteOwnedImage } from './apply/delete-owned-image.ts'
export { createUsageCheck, type UsageCheck } from './apply/check-usage.ts'
export { type Deletions, trackDeletions } from './apply/track-deletions.ts'
export { createKeyedMutex, type KeyedMutex } from './concurrency/keyed-mutex.ts'
export { mapAtMost } from './concurrency/map-at-most.ts'

// Exporting
export { arrangeExport, type ArrangeExportOptions } from './export/arrange-export.ts'
export { writeManifest } from './export/write-manifest.ts'
export { describeRemotes } from './run/export-manifest.ts'
export type { WantedImage } from './export/bundle/save-images.ts'
export type { Holding, NamedImage } from './export/choose-names.ts'
export type { Exported, ExportedFiles, ExportedImage, ExportedServer } from './export/exported.ts'

// Watching
export { keepWatch, type KeepWatchOptions, loadWatch } from './run/keep-watch.ts'
export { normalizeSchedule } from './run/watch-manifest.ts'
export type { ShownProgress } from './run/watch-pass.ts'
export type { LoadedWatch } from './watch/keep-manifest.ts'
export { createWatchMetrics, type MetricsText } from './watch/metrics/watch-metrics.ts'
export { describeReadiness, type Readiness } from './watch/readiness.ts'
export { type ServedStatus, serveStatus } from './watch/serve-status.ts'
export { type Address, readAddress } from './watch/read-address.ts'
export { explainCron, type Schedule } from './watch/queue/schedule.ts'

// Reports
export { buildReport, type Run } from './render/build-report.ts'
export type {
  CellState,
  ReportedCell,
  ReportedChange,
  ReportedServer,
  ReportSummary,
  RunReport,
} from './documents/run-report.ts'
export { renderReportHtml } from './render/render-report-html.ts'
export { renderReportMarkdown } from './render/render-report-markdown.ts'
export { checkReportPaths, describeRun, writeReports } from './run/write-report.ts'
export { notifyDescription, notifyRun } from './run/notify-run.ts'

// Text for people, and documents for programs
export { describePlan } from './render/describe-plan.ts'
export { renderHeld, renderSpared } from './render/render-spared.ts'
export { renderEvent } from './render/render-event.ts'
export { renderWaiting } from './render/render-waiting.ts'
export { explainRollout } from './render/render-rollout.ts'
export { renderWatchEvent } from './render/render-watch-event.ts'
export { describeWatchEvent } from './render/watch-document.ts'
export { renderServers, renderSummary } from './render/render-plan.ts'
export { describeEvent, describeMessage, describePlanned } from './render/progress-document.ts'
export type { ProgressDocument } from './documents/progress.ts'
export { renderJsonSchema, schemaNames } from './render/schema/json-schemas.ts'
export { type Transfers, trackTransfers } from './render/track-transfers.ts'
export { labelTransfer } from './render/label-transfer.ts'
export { countThings } from './render/count-things.ts'
export { showName } from './render/describe-change.ts'
export { hideSecrets } from './run/hide-secrets.ts'
