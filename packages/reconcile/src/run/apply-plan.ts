import { ArgumentError } from '@hyperkit/core'
import { carryOutPlan } from '../apply/carry-out-plan.ts'
import { openUploadNotes } from '../apply/upload-notes.ts'
import { createImagesAtOnce } from '../concurrency/images-at-once.ts'
import type { ApplyReport } from '../documents/apply-report.ts'
import type { LoadedManifest } from '../manifest/load-manifest.ts'
import type { ApplyEvent } from '../plan/apply-event.ts'
import { PlanRefusedError } from '../plan/guard/plan-refused-error.ts'
import type { ManifestPlan } from '../plan/plan-file/manifest-plan.ts'
import { renderWaiting } from '../render/render-waiting.ts'
import { type Connections, openOnce } from './connections.ts'
import { keepKnown } from './keep-known.ts'
import { maskAudit, type WriteAudit } from './mask-audit.ts'
import { pickServer } from './pick-server.ts'
import { checkFiles, type PlanAgainOptions, planAgain, refuseOtherWork } from './plan-again.ts'
import { planRollbackOver, type RollbackPlan } from './plan-rollback.ts'
import type { Prepared, PreparedPlan, Preparing } from './preparing.ts'
import { requireManifest } from './require-manifest.ts'
import { normalizeRun, type RunOptions } from './run-options.ts'

/** Options of {@link applyPlan}. */
export interface ApplyPlanOptions extends RunOptions {
  /** The manifest that the plan was made from. It says how servers and sources are reached, which a plan does not. */
  manifest: LoadedManifest
  /** Milliseconds to wait for another run of the same manifest. @default 90_000, longer than the lock of a killed run is valid */
  lockTimeout?: number | undefined
  /** Whether to prune images that the manifest no longer names. @default false */
  allowEmpty?: boolean | undefined
  /** In a rollout, whether one failed check or server does not stop the waves after it. @default false */
  resume?: boolean | undefined
  /**
   * Called with a line before and after each change, such as the `write` of openAudit. If it fails before a change, the change is not made.
   * Secrets of the manifest are masked.
   */
  audit?: WriteAudit | undefined
  /** Called for each step, and for the progress of transfers. */
  onEvent?: ((event: ApplyEvent) => void) | undefined
}

/** Milliseconds: longer than the lock of a killed run is valid, so that the next run waits and then continues. */
export const defaultLockTimeout = 90_000

/**
 * Applies a plan of planManifest, planRollback or readPlanFile: plans again from the current state of the servers, and carries the plan
 * out if the changes are the same. Each server is locked for its own changes, and planned once more if another run had its lock. However
 * it ends, the servers are unlocked and all connections closed. The report contains what failed and why, also a server whose lock another
 * run kept for longer than `lockTimeout`; a new plan can continue from there.
 *
 * @throws {StalePlanError} if anything that the plan is based on has changed; nothing was done
 * @throws {PlanRefusedError} if the plan has changes that must not be made; nothing was done
 * @throws {ArgumentError} if the manifest is missing, or is not that of the plan
 *
 * @example
 * ```ts
 * const manifest = await loadManifest('images.yaml')
 * const plan = await planManifest(manifest)
 * const report = await applyPlan(plan, {
 *   manifest,
 *   onEvent: (event) => event.kind === 'ended' && console.log(event.server, event.result.outcome),
 * })
 * console.log(report.servers.every(({ status }) => status === 'done'))
 * ```
 */
export async function applyPlan(
  plan: ManifestPlan | RollbackPlan,
  options: ApplyPlanOptions,
): Promise<ApplyReport> {
  const manifest = requireManifest(options?.manifest, 'apply the plan')
  refuseForeign(plan, manifest)
  const { lockTimeout = defaultLockTimeout, allowEmpty, resume, onEvent } = options
  const { note, ...preparing } = normalizeRun(options)
  const { signal, wrapTransport, maxDocument, parallelism, imagesPerServer, onSwitch } = preparing
  const connections = openOnce(manifest, { wrapTransport, maxDocument, onSwitch })
  const { open } = connections
  const whole = { ...preparing, note, connections }
  try {
    const again = await prepareAgain(plan, manifest, whole, { allowEmpty })
    if (again.refusals.length > 0) throw new PlanRefusedError(again.plan, again.refusals)
    const { identify, desired } = again
    return await carryOutPlan(again.plan, {
      signal,
      open,
      wrapTransport,
      maxDocument,
      identify,
      desired,
      notes: openUploadNotes(again.plan.manifest.name),
      parallelism,
      imagesAtOnce: createImagesAtOnce(manifest.servers, imagesPerServer),
      onEvent,
      rollout: manifest.rollout && { ...manifest.rollout, resume, onNote: (text) => void note(text) },
      audit: maskAudit('applyPlan', options.audit, manifest),
      lock: { timeout: lockTimeout, onWait: (server, holder) => void note(renderWaiting(server, holder)) },
      planAgain: async (server, remaining) => {
        const kept = await keepKnown(server, again, manifest, remaining)
        const next = await prepareAgain(
          only(plan, server),
          manifest,
          { ...whole, ...kept },
          { allowEmpty, remaining: { server, ...remaining } },
        )
        return pickServer(next, server, again.plan)
      },
    })
  } finally {
    await connections.close()
  }
}

/** A rollback of one server; any other plan is compared as a whole. */
function only(plan: ManifestPlan | RollbackPlan, server: string): ManifestPlan | RollbackPlan {
  if ('seen' in plan) return plan
  const servers = plan.servers.filter(({ name }) => name === server)
  return { ...plan, servers, rollback: { ...plan.rollback, servers: [server] } }
}

/** Refuses a plan that does not belong to the manifest, before anything is locked. */
function refuseForeign(plan: ManifestPlan | RollbackPlan, manifest: LoadedManifest): void {
  if (!('seen' in plan) && !('rollback' in plan))
    throw new ArgumentError(
      'plan',
      'Cannot apply the plan: it does not say what it is based on; pass the complete result of planManifest, planRollback or readPlanFile',
    )
  const { name } = plan.manifest
  if (name !== manifest.name)
    throw new ArgumentError(
      'manifest',
      `Cannot apply the plan: it was made from manifest "${name}", not from "${manifest.name}"; pass the manifest that it was made from`,
    )
  if ('seen' in plan) checkFiles(plan, manifest)
}

async function prepareAgain(
  plan: ManifestPlan | RollbackPlan,
  manifest: LoadedManifest,
  preparing: Preparing & { connections: Connections },
  options: PlanAgainOptions,
): Promise<Prepared & Partial<Pick<PreparedPlan, 'observed'>>> {
  if ('seen' in plan) return planAgain(plan, manifest, preparing, options)
  const { connections } = preparing
  const again = await planRollbackOver(manifest, plan.rollback, { ...preparing, open: connections.open })
  refuseOtherWork(plan, again)
  return { ...connections, plan: again, refusals: [], identify: (server) => server }
}
