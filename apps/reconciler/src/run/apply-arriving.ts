import { type ApplyReport, type PlannedServer, renderReport } from '@hyperkit/reconcile'
import {
  type ArrivingPlan,
  type AuditOptions,
  arrivedPlan,
  carryOutArriving,
  explainPlanningAgain,
  type GuardOptions,
  openUploadNotes,
  type PlanChoice,
  type PreparedPlan,
  type Preparing,
  renderWaiting,
} from '@hyperkit/reconcile/parts'
import type { ScriptTools } from '@hyperkit/script'
import { asCarriedOut, type CarryOutOptions } from './apply-prepared.ts'
import { openCommandAudit } from './open-audit.ts'
import { printArriving } from './print-arriving.ts'
import { printResult } from './print-result.ts'
import { reportRefusals, reportUndone } from './report-failures.ts'
import { showProgress } from './show-progress.ts'

/** How a plan was made that comes server by server. */
export interface ArrivingInput {
  choice: PlanChoice
  preparing: Preparing
  guard: GuardOptions
}

/**
 * Applies a plan whose servers come one by one, without a question: each server's plan is printed when its work begins, and the summary
 * when every server has answered or was given up.
 *
 * @param onEnd called with the report and its plan; the report is undefined if the guard refused the plan before anything was begun
 * @throws if there is no whole plan; if something was begun, `onEnd` is called before, with the plan of the servers that were
 */
export async function applyArriving(
  arriving: ArrivingPlan,
  input: ArrivingInput,
  options: CarryOutOptions,
  tools: ScriptTools,
  onEnd: (report: ApplyReport | undefined, prepared: PreparedPlan) => Promise<void>,
): Promise<void> {
  const audit = await openCommandAudit(options.audit, tools)
  try {
    const done = await carryOut(arriving, { ...input, audit: audit.options }, options, tools)
    await onEnd(done.report, done.prepared)
    if (done.failure !== undefined) throw done.failure.error
  } finally {
    await audit.close()
  }
}

interface Done {
  report?: ApplyReport
  prepared: PreparedPlan
  /** Why there is no whole plan. */
  failure?: { error: unknown }
}

async function carryOut(
  arriving: ArrivingPlan,
  input: ArrivingInput & { audit: AuditOptions | undefined },
  options: CarryOutOptions,
  tools: ScriptTools,
): Promise<Done> {
  const { console, wrapTransport, maxDocument, json } = tools
  const { progress = 'auto', lockTimeout, parallelism } = options
  const printer = printArriving(tools, progress)
  const shown = showProgress(console, progress)
  const again = new Map<string, PlannedServer>()
  const planned = arriving.whole.then(
    (prepared) => {
      printer.end(prepared.plan)
      return { prepared }
    },
    (error: unknown) => ({ error }),
  )
  const report = await carryOutArriving(arriving, {
    ...input,
    wrapTransport,
    maxDocument,
    parallelism,
    notes: openUploadNotes(arriving.manifest.name),
    rollout: options.rollout && { ...options.rollout, onNote: (text) => void console.note(text) },
    onPlanned: printer.take,
    onEvent(event) {
      printer.flush()
      shown.take(event)
    },
    lock: {
      timeout: lockTimeout,
      onWait(server, holder) {
        printer.flush()
        void console.note(renderWaiting(server, holder))
      },
    },
    async onPlanAgain(server, why, next) {
      printer.flush()
      if (next === undefined) return console.note(explainPlanningAgain(server, why))
      again.set(server, next)
      const { file, name } = arriving.manifest
      printer.again({ format: 'hyperkit-plan', version: 1, manifest: { file, name }, servers: [next] })
    },
  }).finally(shown.stop)
  const { prepared, error } = { prepared: undefined, error: undefined, ...(await planned) }
  printer.flush()
  const hasBegun = report.servers.some(({ results }) => results.length > 0)
  const isRefused = prepared === undefined || prepared.refusals.length > 0
  if (hasBegun || (json && !isRefused))
    await printResult(tools, report, `\n${renderReport(report, console.paint)}`)
  const carriedOut = (made: PreparedPlan): PreparedPlan => {
    const servers = made.plan.servers.map((server) => asCarriedOut(again.get(server.name) ?? server, report))
    return { ...made, plan: { ...made.plan, servers } }
  }
  if (prepared === undefined) {
    if (!hasBegun) throw error
    return { report, prepared: carriedOut(await arrivedPlan(arriving, error)), failure: { error } }
  }
  reportRefusals(prepared.refusals, tools)
  if (isRefused) await console.error(hasBegun ? 'Nothing more was done' : 'Nothing was done')
  if (isRefused && !hasBegun) return { prepared }
  reportUndone(report, tools)
  return { report, prepared: carriedOut(prepared) }
}
