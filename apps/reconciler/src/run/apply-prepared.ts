import { isDeepStrictEqual } from 'node:util'
import { HyperkitError } from '@hyperkit/core'
import {
  type ApplyReport,
  changesOf,
  type PlannedServer,
  renderPlan,
  renderReport,
  type ServerPlan,
  summarizePlan,
} from '@hyperkit/reconcile'
import {
  type AuditOptions,
  carryOutPlan,
  countThings,
  createKeyedMutex,
  describePlan,
  describePlanned,
  explainPlanningAgain,
  openUploadNotes,
  type Prepared,
  pickServer,
  type Remaining,
  type RolloutOptions,
  renderWaiting,
} from '@hyperkit/reconcile/parts'
import type { ScriptTools } from '@hyperkit/script'
import type { ProgressKind } from '../arguments/manifest-arguments.ts'
import { isConfirmed } from './is-confirmed.ts'
import { openCommandAudit } from './open-audit.ts'
import { printResult } from './print-result.ts'
import { reportRefusals, reportUndone, reportUnplanned } from './report-failures.ts'
import { showProgress } from './show-progress.ts'

/** Options of applying a plan. */
export interface CarryOutOptions {
  yes: boolean
  progress?: ProgressKind
  /** Milliseconds. */
  lockTimeout: number
  /** The rollout of the manifest, if the plan has waves. */
  rollout?: RolloutOptions | undefined
  /** Where changes are recorded: a path, or `journald`. */
  audit?: string | undefined
  /** How many servers are worked on at once. @default 16 */
  parallelism?: number | undefined
  /** How many images of a server are worked on at once. @default 4 on each */
  imagesAtOnce?: ((server: string) => number) | undefined
}

/** Hooks of a command around applying its plan. */
export interface AroundApply<Plan extends Prepared> {
  /** Called with the report and its plan; the report is undefined if nothing was allowed. */
  onEnd?: (report: ApplyReport | undefined, prepared: Plan) => Promise<void>
  /** Plans a server again; called after the run waited for another one there. The other servers stay as they were planned. */
  planAgain?: (server: string, before: Plan, remaining: Remaining) => Promise<Plan>
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
  const audit = await openCommandAudit(options.audit, tools)
  try {
    await showPlan(prepared, options, tools)
    const isToDo = await isAllowed(prepared, options, tools)
    const done: Done<Plan> = isToDo
      ? await carryOut(prepared, options, tools, { planAgain: around.planAgain, audit: audit.options })
      : { prepared }
    await around.onEnd?.(done.report, done.prepared)
  } finally {
    await audit.close()
  }
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
  declined = 'Nothing was done',
): Promise<boolean> {
  reportRefusals(refusals, tools)
  if (refusals.length > 0) {
    await tools.console.error(declined)
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
      declined,
    },
    tools,
  )
}

interface Done<Plan> {
  /** The plan that was applied, or was not allowed. */
  prepared: Plan
  report?: ApplyReport
}

interface Around<Plan extends Prepared> {
  planAgain: AroundApply<Plan>['planAgain'] | undefined
  audit: AuditOptions | undefined
}

async function carryOut<Plan extends Prepared>(
  prepared: Plan,
  options: CarryOutOptions,
  tools: ScriptTools,
  { planAgain, audit }: Around<Plan>,
): Promise<Done<Plan>> {
  const { console, signal, json, wrapTransport, maxDocument } = tools
  const { plan, open, identify, desired } = prepared
  const shown = showProgress(console, options.progress ?? 'auto')
  const again = new Map<string, PlannedServer>()
  // One question at a time.
  const asking = createKeyedMutex()
  const report = await carryOutPlan(plan, {
    signal,
    wrapTransport,
    maxDocument,
    open,
    identify,
    desired,
    notes: openUploadNotes(plan.manifest.name),
    parallelism: options.parallelism,
    imagesAtOnce: options.imagesAtOnce,
    onEvent: shown.take,
    rollout: options.rollout && { ...options.rollout, onNote: (text) => void console.note(text) },
    audit,
    lock: {
      timeout: options.lockTimeout,
      onWait: (server, holder) => void console.note(renderWaiting(server, holder)),
    },
    planAgain:
      planAgain &&
      (async (name, remaining) => {
        const { why, changes } = remaining
        if (why === 'lock') await console.note(explainPlanningAgain(name, why))
        const next = await planAgain(name, prepared, remaining)
        const picked = pickServer(next, name, plan)
        // It only confirms what is pruned, or what was planned before the server waited for others.
        if (why === 'prune' || (why !== 'lock' && isDeepStrictEqual(picked.server.changes, changes)))
          return picked
        if (why !== 'lock') await console.note(explainPlanningAgain(name, why))
        const alone = { ...next, plan: { ...next.plan, servers: [picked.server] } }
        await asking.run('question', () => confirmServer(alone, prepared, options, tools))
        again.set(name, picked.server)
        return picked
      }),
  }).finally(shown.stop)
  if (json || report.servers.some(({ results }) => results.length > 0))
    await printResult(tools, report, `\n${renderReport(report, console.paint)}`)
  reportUndone(report, tools)
  const servers = plan.servers.map((server) => asCarriedOut(again.get(server.name) ?? server, report))
  return { prepared: { ...prepared, plan: { ...plan, servers } }, report }
}

/** Shows the new plan of a server that another run had locked, and asks if it is another one. */
async function confirmServer(
  again: Prepared,
  before: Prepared,
  options: CarryOutOptions,
  tools: ScriptTools,
): Promise<void> {
  await showPlan(again, options, tools)
  const [now] = again.plan.servers
  const confirmed = before.plan.servers.find(({ name }) => name === now?.name)
  if (workOf(confirmed) === workOf(now)) return
  if (await isAllowed(again, options, tools, `Nothing more is done on "${now?.name}"`)) return
  throw new HyperkitError('precondition-failed', 'its new plan was not confirmed')
}

/** What a plan does on a server. How much is free there changes all the time. */
function workOf(server: ServerPlan | undefined): string {
  if (server?.status !== 'planned') return JSON.stringify(server)
  return JSON.stringify({ ...server, space: server.space?.lacking })
}

/** The plan of a server as it was carried out: it may have been planned again after its first changes. */
export function asCarriedOut(server: ServerPlan, { servers }: ApplyReport): ServerPlan {
  const report = servers.find(({ name }) => name === server.name)
  if (server.status === 'unread' || report === undefined || report.results.length === 0) return server
  return { ...server, changes: report.results.map(({ change }) => change) }
}
