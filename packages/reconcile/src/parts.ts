// What the commands, and packages that build on the engine, use besides `@hyperkit/reconcile`. It may change in a minor version.

export { applyPlan } from './apply/apply-plan.ts'
export { deleteOwnedImage } from './apply/delete-owned-image.ts'
export { createLastLook, type LastLook } from './apply/last-look.ts'
export { lockAliasOf } from './apply/lock-alias-of.ts'
export { lockServers } from './apply/lock-servers.ts'
export { releaseLock, takeLock } from './apply/take-lock.ts'
export { waitForPull } from './apply/wait-for-pull.ts'
export { mapAtMost } from './concurrency/map-at-most.ts'
export { desirePromotion, type NamedContent, type Promotion } from './desired/desire-promotion.ts'
export { checkLockable } from './desired/lock/check-lockable.ts'
export { lockfilePath } from './desired/lock/lockfile-path.ts'
export { lockableImages } from './desired/lock/note-lockable.ts'
export { readLockfile } from './desired/lock/read-lockfile.ts'
export { renderLockfile } from './desired/lock/render-lockfile.ts'
export { updateLockfile } from './desired/lock/update-lockfile.ts'
export { resolveDesired } from './desired/resolve-desired.ts'
export { refuseOther, replaceFile } from './disk/replace-file.ts'
export { arrangeExport, ownersOf } from './export/arrange-export.ts'
export { nameFiles, saveImages, type WantedImage } from './export/bundle/save-images.ts'
export { nameCertificates, writeCertificates } from './export/bundle/write-certificates.ts'
export { writeSums } from './export/bundle/write-sums.ts'
export type { Exported, ExportedFiles, ExportedServer, LeftOut } from './export/exported.ts'
export { writeManifest } from './export/write-manifest.ts'
export { findUnportable } from './manifest/find-unportable.ts'
export { imageOn } from './manifest/image-on.ts'
export { loadManifest, loadManifests } from './manifest/load-manifest.ts'
export type { Manifest, ManifestImage, ManifestServer, PresentImage, Reach } from './manifest/manifest.ts'
export { formatProblem, ManifestError, type Problem } from './manifest/manifest-error.ts'
export { checkSelection, findServers } from './manifest/select-servers.ts'
export type { ServerInventory } from './observed/inventory.ts'
export type { ObservedServer } from './observed/observed.ts'
export { openClient } from './observed/open-client.ts'
export { readAliases } from './observed/read-aliases.ts'
export { readInventory } from './observed/read-inventory.ts'
export { readObserved } from './observed/read-observed.ts'
export { readVersions } from './observed/read-versions.ts'
export { readHolder, writeHolder } from './ownership/lock-alias.ts'
export { describeNewAliases } from './plan/describe-new-aliases.ts'
export { ruleCode } from './plan/find-problems.ts'
export { guardPlan } from './plan/guard/guard-plan.ts'
export { arrangeHistory, type History, type ImageHistory, type ServerHistory } from './plan/history.ts'
export type { ApplyEvent, ApplyReport, Failure } from './plan/outcome.ts'
export type { Plan, PlannedServer, ServerPlan } from './plan/plan.ts'
export { planAdoption } from './plan/plan-adoption.ts'
export { planChanges } from './plan/plan-changes.ts'
export { isCreation } from './plan/plan-creation.ts'
export { isPlanFile } from './plan/plan-file/read-saved-plan.ts'
export { writeSavedPlan } from './plan/plan-file/write-saved-plan.ts'
export { planPruning } from './plan/plan-pruning.ts'
export { planRollback } from './plan/plan-rollback.ts'
export { changesOf, problemsOf, summarizePlan } from './plan/summarize-plan.ts'
export { countThings } from './render/count-things.ts'
export { showName } from './render/describe-change.ts'
export { labelTransfers } from './render/label-transfers.ts'
export { type Paint, plain, type Tone } from './render/paint.ts'
export {
  describeEvent,
  describeMessage,
  describePlanned,
  type ProgressDocument,
  progressSchema,
} from './render/progress-document.ts'
export { renderCompletion, type Shell, shells } from './render/render-completion.ts'
export { renderEvent } from './render/render-event.ts'
export { renderHistory, renderHistoryJson } from './render/render-history.ts'
export { renderLockMoves, renderLockMovesJson } from './render/render-lock-moves.ts'
export { renderPlan } from './render/render-plan.ts'
export { renderPlanJson } from './render/render-plan-json.ts'
export { renderReport, renderReportJson } from './render/render-report.ts'
export { renderHeld, renderSpared } from './render/render-spared.ts'
export { renderWatchEvent } from './render/render-watch-event.ts'
export { renderJsonSchema, schemaNames } from './render/schema/json-schemas.ts'
export { type Transfers, trackTransfers } from './render/track-transfers.ts'
export { describeWatchEvent, watchSchema } from './render/watch-document.ts'
export type { WatchEvent } from './render/watch-event.ts'
export { findSecret, hideSecrets } from './run/hide-secrets.ts'
export { notifyOption, notifyRun } from './run/notify-run.ts'
export {
  observeManifest,
  openOnce,
  type PlanInput,
  type Prepared,
  type PreparedPlan,
  type Preparing,
  planLoaded,
  preparePlan,
} from './run/prepare-plan.ts'
export { describeSaved, prepareSaved } from './run/prepare-saved.ts'
export {
  fingerprintFiles,
  lockableContents,
  type ResolveLockedOptions,
  resolveLocked,
} from './run/resolve-locked.ts'
export { checkReportPaths, describeNothing, describeRun, writeReports } from './run/write-report.ts'
export { concernOf } from './watch/concern-of.ts'
export type { LoadedWatch } from './watch/keep-manifest.ts'
export type { Looked, LookedServer } from './watch/looked.ts'
export { createWatchMetrics, type MetricsText } from './watch/metrics/watch-metrics.ts'
export { readDuration } from './watch/queue/read-duration.ts'
export { explainCron, type Schedule } from './watch/queue/schedule.ts'
export { type Address, readAddress } from './watch/read-address.ts'
export { describeReadiness, type Readiness } from './watch/readiness.ts'
export { rememberFingerprints } from './watch/remember-fingerprints.ts'
export { type RunWatchOptions, runWatch } from './watch/run-watch.ts'
export { type ServedStatus, serveStatus } from './watch/serve-status.ts'
export { sourceFiles } from './watch/source-files.ts'
