import { type ApplyReport, changesOf, renderPlan, renderReport, summarizePlan } from '@hyperkit/reconcile'
import {
  carryOutPlan,
  countThings,
  defaultLockTimeout as defaultMilliseconds,
  describePlanned,
  lockServers,
  type Prepared,
  renderReportJson,
} from '@hyperkit/reconcile/parts'
import { confirm, isInteractive } from '@hyperkit/terminal'
import type { CommandContext } from './command-context.ts'
import { type ProgressKind, showProgress } from './show-progress.ts'

/** Seconds: longer than the lock of a killed run counts, so that a run after it goes on by itself. */
export const defaultLockTimeout = defaultMilliseconds / 1000

/** How a plan is carried out. */
export interface CarryOutOptions {
  json?: true
  yes?: true
  progress?: ProgressKind
  /** Seconds. */
  lockTimeout?: number
}

/** What a command adds to how its plan is carried out. */
export interface AroundApply<Plan extends Prepared> {
  /** Told what was done, and of which plan; undefined where nothing was allowed to be done. */
  onEnd?: (report: ApplyReport | undefined, prepared: Plan) => Promise<void>
  /** Reads everything anew: asked where another run was waited for. */
  planAgain?: () => Promise<Plan>
}

/** Shows a plan, asks, does it and reports: what every command that changes something ends with. */
export async function applyPrepared<Plan extends Prepared>(
  prepared: Plan,
  options: CarryOutOptions,
  context: CommandContext,
  around: AroundApply<Plan> = {},
): Promise<void> {
  await showPlan(prepared, options, context)
  const isToDo = await isAllowed(prepared, options, context)
  const done: Done<Plan> = isToDo
    ? await carryOut(prepared, options, context, around.planAgain)
    : { prepared }
  if (done.report === undefined) context.exitWith(1)
  await around.onEnd?.(done.report, done.prepared)
}

async function showPlan(
  { plan }: Prepared,
  { json, progress }: CarryOutOptions,
  { console }: CommandContext,
): Promise<void> {
  if (progress === 'json') console.event(describePlanned(summarizePlan(plan)))
  else if (json) await console.error(renderPlan(plan, console.paintError).trimEnd())
  if (!json) await console.result(renderPlan(plan, console.paint))
}

async function isAllowed(
  { plan, refusals }: Prepared,
  options: CarryOutOptions,
  { console, signal }: CommandContext,
): Promise<boolean> {
  for (const { message } of refusals) await console.error(console.paintError('error', message))
  if (refusals.length > 0) {
    await console.error('Nothing was done')
    return false
  }
  const changes = changesOf(plan).length
  if (changes === 0 || options.yes) return true
  if (options.progress === 'json' || !isInteractive()) {
    await console.error(
      'Cannot change servers without being asked: this is no terminal; look at the plan, then give --yes',
    )
    return false
  }
  if (
    await confirm(
      `Do ${changes === 1 ? 'this 1 change' : `these ${countThings(changes, 'change')}`}?`,
      signal,
    )
  )
    return true
  await console.error('Nothing was done')
  return false
}

interface Done<Plan> {
  /** The plan that was done, or was not allowed to be. */
  prepared: Plan
  report?: ApplyReport
}

async function carryOut<Plan extends Prepared>(
  prepared: Plan,
  options: CarryOutOptions,
  context: CommandContext,
  planAgain: (() => Promise<Plan>) | undefined,
): Promise<Done<Plan>> {
  const { lockTimeout = defaultLockTimeout } = options
  const { console, signal } = context
  return lockServers(
    prepared.plan,
    {
      signal,
      open: prepared.open,
      timeout: lockTimeout * 1000,
      onWait: (server, { owner, expiresAt }) =>
        void console.error(
          `${server}: waiting for ${owner}, who holds the lock until ${expiresAt.toISOString()}`,
        ),
    },
    async (hasWaited) => {
      if (!hasWaited || planAgain === undefined) return applyLocked(prepared, options, context)
      await console.error('Planned again, because another run was waited for')
      const current = await planAgain()
      await showPlan(current, options, context)
      if (!(await isAllowed(current, options, context))) return { prepared: current }
      return applyLocked(current, options, context)
    },
  )
}

async function applyLocked<Plan extends Prepared>(
  prepared: Plan,
  { json, progress = 'auto' }: CarryOutOptions,
  { console, signal, wrapTransport, exitWith }: CommandContext,
): Promise<Done<Plan>> {
  const { plan, open, identify, desired } = prepared
  const hasWork = changesOf(plan).length > 0
  const shown = showProgress(console, progress)
  const report = await carryOutPlan(plan, {
    signal,
    open,
    wrapTransport,
    identify,
    desired,
    onEvent: shown.take,
  }).finally(shown.stop)
  if (report.servers.some(({ status }) => status !== 'done')) exitWith(1)
  if (json) await console.result(renderReportJson(report))
  else if (hasWork) await console.result(`\n${renderReport(report, console.paint)}`)
  return { prepared, report }
}
