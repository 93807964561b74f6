import { HyperkitError } from '@hyperkit/core'
import { confirm, isInteractive } from '@hyperkit/terminal'
import { applyPlan } from '../apply/apply-plan.ts'
import { lockServers } from '../apply/lock-servers.ts'
import type { ApplyReport } from '../plan/outcome.ts'
import { changesOf, summarizePlan } from '../plan/summarize-plan.ts'
import { countThings } from '../render/count-things.ts'
import { describePlanned } from '../render/progress-document.ts'
import { renderPlan } from '../render/render-plan.ts'
import { renderReport, renderReportJson } from '../render/render-report.ts'
import { isPlanFile } from '../saved/read-saved-plan.ts'
import type { CommandContext } from './command-context.ts'
import { type ManifestOptions, readInput } from './manifest-options.ts'
import { notifyRun } from './notify-run.ts'
import { type Prepared, type PreparedPlan, preparePlan } from './prepare-plan.ts'
import { prepareSaved } from './prepare-saved.ts'
import { type ProgressKind, showProgress } from './show-progress.ts'
import { checkReportPaths, describeRun, writeReports } from './write-report.ts'

export interface ApplyOptions extends ManifestOptions, CarryOutOptions {
  allowEmpty?: true
  report?: string[]
  notify?: string
}

/** Seconds: longer than the lock of a killed run counts, so that a run after it goes on by itself. */
export const defaultLockTimeout = 90

export async function applyCommand(
  path: string | undefined,
  options: ApplyOptions,
  context: CommandContext,
): Promise<void> {
  if (options.progress === 'json') context.console.useEvents()
  await checkReportPaths(options.report)
  const prepared = await prepare(path, options, context)
  try {
    await applyPrepared(prepared, options, context, async (report) => {
      await writeReports(options.report, prepared, report)
      await notify(prepared, report, options, context)
    }).catch(async (error: unknown) => {
      if (context.signal.aborted) throw error
      await notify(
        { ...prepared, refusals: [{ server: '', message: messageOf(error) }] },
        undefined,
        options,
        context,
      )
      throw error
    })
  } finally {
    await prepared.close()
  }
}

/** What goes wrong with that is a warning: it changes nothing of what was done. */
async function notify(
  prepared: PreparedPlan,
  report: ApplyReport | undefined,
  options: ApplyOptions,
  { console, signal }: CommandContext,
): Promise<void> {
  const results = report?.servers.flatMap((server) => server.results) ?? []
  const failed = report?.servers.filter(({ status }) => status !== 'done').map(({ name }) => name) ?? []
  const problems = await notifyRun({
    notify: prepared.manifest.notify,
    command: options.notify,
    hasChanged: results.some(({ outcome }) => outcome === 'done'),
    failure: [...failed, ...prepared.refusals.map(({ message }) => message)].join('\n'),
    report: () => describeRun(prepared, report),
    signal,
  })
  for (const problem of problems ?? []) await console.error(console.paintError('error', problem))
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

async function prepare(
  path: string | undefined,
  options: ApplyOptions,
  { signal, console }: CommandContext,
): Promise<PreparedPlan> {
  const preparing = { signal, hide: console.hide, note: console.error }
  const input = readInput(path, options)
  const saved = await findPlanFile(input.paths)
  if (saved === undefined) return preparePlan(input, preparing, options)
  if (input.paths.length + input.targets.length + input.servers.length + (input.republish ?? []).length > 1)
    throw new HyperkitError(
      'invalid-argument',
      `Cannot narrow or add to plan "${saved}": a saved plan is done as it is; leave out --file, --target, --server and --republish`,
    )
  return prepareSaved(saved, preparing, options)
}

async function findPlanFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await isPlanFile(path)) return path
  return undefined
}

/** How a plan is carried out. */
export interface CarryOutOptions {
  json?: true
  yes?: true
  progress?: ProgressKind
  /** Seconds. */
  lockTimeout?: number
}

/**
 * Shows a plan, asks, does it and reports: what every command that changes something ends with.
 *
 * @param onEnd told what was done, or undefined where nothing was allowed to be done
 */
export async function applyPrepared(
  prepared: Prepared,
  options: CarryOutOptions,
  context: CommandContext,
  onEnd?: (report: ApplyReport | undefined) => Promise<void>,
): Promise<void> {
  await showPlan(prepared, options, context)
  const isToDo = await isAllowed(prepared, options, context)
  const report = isToDo ? await carryOut(prepared, options, context) : undefined
  if (!isToDo) context.exitWith(1)
  await onEnd?.(report)
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

async function carryOut(
  { plan, open, identify, desired }: Prepared,
  { json, progress = 'auto', lockTimeout = defaultLockTimeout }: CarryOutOptions,
  { console, signal, exitWith }: CommandContext,
): Promise<ApplyReport> {
  const hasWork = changesOf(plan).length > 0
  const shown = showProgress(console, progress)
  const report = await lockServers(
    plan,
    {
      signal,
      open,
      timeout: lockTimeout * 1000,
      onWait: (server, { owner, expiresAt }) =>
        void console.error(
          `${server}: waiting for ${owner}, who holds the lock until ${expiresAt.toISOString()}`,
        ),
    },
    () => applyPlan(plan, { signal, open, identify, desired, onEvent: shown.take }),
  ).finally(shown.stop)
  if (report.servers.some(({ status }) => status !== 'done')) exitWith(1)
  if (json) await console.result(renderReportJson(report))
  else if (hasWork) await console.result(`\n${renderReport(report, console.paint)}`)
  return report
}
