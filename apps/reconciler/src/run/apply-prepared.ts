import { type ApplyReport, changesOf, renderPlan, renderReport, summarizePlan } from '@hyperkit/reconcile'
import {
  carryOutPlan,
  countThings,
  describePlan,
  describePlanned,
  lockServers,
  type Prepared,
  renderWaiting,
} from '@hyperkit/reconcile/parts'
import type { ScriptTools } from '@hyperkit/script'
import type { ProgressKind } from '../arguments/manifest-arguments.ts'
import { isConfirmed } from './is-confirmed.ts'
import { printResult } from './print-result.ts'
import { reportRefusals, reportUndone, reportUnplanned } from './report-failures.ts'
import { showProgress } from './show-progress.ts'

/** Options of applying a plan. */
export interface CarryOutOptions {
  yes: boolean
  progress?: ProgressKind
  /** Milliseconds. */
  lockTimeout: number
}

/** Hooks of a command around applying its plan. */
export interface AroundApply<Plan extends Prepared> {
  /** Called with the report and its plan; the report is undefined if nothing was allowed. */
  onEnd?: (report: ApplyReport | undefined, prepared: Plan) => Promise<void>
  /** Plans again; called after the run waited for another one. */
  planAgain?: () => Promise<Plan>
}

/**
 * Shows a plan, asks, applies it and reports: the end of every command that changes servers. With `--dry-run` it ends after
 * the plan.
 */
export async function applyPrepared<Plan extends Prepared>(
  prepared: Plan,
  options: CarryOutOptions,
  tools: ScriptTools,
  around: AroundApply<Plan> = {},
): Promise<void> {
  if (tools.dryRun) {
    await showOnly(prepared, tools)
    return around.onEnd?.(undefined, prepared)
  }
  await showPlan(prepared, options, tools)
  const isToDo = await isAllowed(prepared, options, tools)
  const done: Done<Plan> = isToDo ? await carryOut(prepared, options, tools, around.planAgain) : { prepared }
  await around.onEnd?.(done.report, done.prepared)
}

/** Shows a plan without applying it. */
export async function showOnly({ plan, refusals }: Prepared, tools: ScriptTools): Promise<void> {
  await printResult(tools, describePlan(plan), renderPlan(plan, tools.console.paint))
  reportUnplanned(plan, tools)
  reportRefusals(refusals, tools)
}

async function showPlan(
  { plan }: Prepared,
  { progress, yes }: CarryOutOptions,
  { console, json }: ScriptTools,
): Promise<void> {
  if (progress === 'json') console.event(describePlanned(summarizePlan(plan)), { isNote: true })
  else if (json) {
    // Without --yes the question is about this plan, so --quiet must not leave it out.
    const print = yes ? console.note : console.error
    await print(renderPlan(plan, console.paintError).trimEnd())
  }
  if (!json) await console.result(renderPlan(plan, console.paint))
}

async function isAllowed(
  { plan, refusals }: Prepared,
  options: CarryOutOptions,
  tools: ScriptTools,
): Promise<boolean> {
  reportRefusals(refusals, tools)
  if (refusals.length > 0) {
    await tools.console.error('Nothing was done')
    return false
  }
  const changes = changesOf(plan).length
  if (changes === 0 || options.yes) return true
  const what = changes === 1 ? 'this change' : `these ${countThings(changes, 'change')}`
  return isConfirmed(
    {
      question: `Make ${what}?`,
      refusal:
        'Cannot change servers without confirmation: there is no terminal to ask on; review the plan, then give --yes',
      isForPrograms: options.progress === 'json',
    },
    tools,
  )
}

interface Done<Plan> {
  /** The plan that was applied, or was not allowed. */
  prepared: Plan
  report?: ApplyReport
}

async function carryOut<Plan extends Prepared>(
  prepared: Plan,
  options: CarryOutOptions,
  tools: ScriptTools,
  planAgain: (() => Promise<Plan>) | undefined,
): Promise<Done<Plan>> {
  const { console, signal } = tools
  return lockServers(
    prepared.plan,
    {
      signal,
      open: prepared.open,
      timeout: options.lockTimeout,
      onWait: (server, holder) => void console.note(renderWaiting(server, holder)),
    },
    async (hasWaited) => {
      if (!hasWaited || planAgain === undefined) return applyLocked(prepared, options, tools)
      await console.note('Planned again after waiting for another run')
      const current = await planAgain()
      await showPlan(current, options, tools)
      if (!(await isAllowed(current, options, tools))) return { prepared: current }
      return applyLocked(current, options, tools)
    },
  )
}

async function applyLocked<Plan extends Prepared>(
  prepared: Plan,
  { progress = 'auto' }: CarryOutOptions,
  tools: ScriptTools,
): Promise<Done<Plan>> {
  const { console, signal, json, wrapTransport } = tools
  const { plan, open, identify, desired } = prepared
  const hasWork = changesOf(plan).length > 0
  const shown = showProgress(console, progress)
  const report = await carryOutPlan(plan, {
    signal,
    wrapTransport,
    open,
    identify,
    desired,
    onEvent: shown.take,
  }).finally(shown.stop)
  if (json || hasWork) await printResult(tools, report, `\n${renderReport(report, console.paint)}`)
  reportUndone(report, tools)
  return { prepared, report }
}
