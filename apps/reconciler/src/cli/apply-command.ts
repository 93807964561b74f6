import { HyperkitError } from '@hyperkit/core'
import { applyPlan } from '../apply/apply-plan.ts'
import { changesOf, summarizePlan } from '../plan/summarize-plan.ts'
import { countThings } from '../render/count-things.ts'
import { describePlanned } from '../render/progress-document.ts'
import { renderPlan } from '../render/render-plan.ts'
import { renderReport, renderReportJson } from '../render/render-report.ts'
import { isPlanFile } from '../saved/read-saved-plan.ts'
import type { CommandContext } from './build-program.ts'
import { confirm, isInteractive } from './confirm.ts'
import { type ManifestOptions, readInput } from './manifest-options.ts'
import { type Prepared, preparePlan } from './prepare-plan.ts'
import { prepareSaved } from './prepare-saved.ts'
import { type ProgressKind, showProgress } from './show-progress.ts'
import { checkReportPath, writeReport } from './write-report.ts'

export interface ApplyOptions extends ManifestOptions {
  json?: true
  yes?: true
  progress: ProgressKind
  report?: string
}

export async function applyCommand(
  path: string | undefined,
  options: ApplyOptions,
  context: CommandContext,
): Promise<void> {
  if (options.progress === 'json') context.console.useEvents()
  await checkReportPath(options.report)
  const prepared = await prepare(path, options, context)
  try {
    await showPlan(prepared, options, context)
    if (await isAllowed(prepared, options, context)) await carryOut(prepared, options, context)
    else {
      context.exitWith(1)
      await writeReport(options.report, prepared)
    }
  } finally {
    await prepared.close()
  }
}

async function prepare(
  path: string | undefined,
  options: ApplyOptions,
  { signal, console }: CommandContext,
): Promise<Prepared> {
  const preparing = { signal, hide: console.hide }
  const input = readInput(path, options)
  const saved = await findPlanFile(input.paths)
  if (saved === undefined) return preparePlan(input, preparing)
  if (input.paths.length + input.targets.length + input.servers.length > 1)
    throw new HyperkitError(
      'invalid-argument',
      `Cannot narrow or add to plan "${saved}": a saved plan is done as it is; leave out --file, --target and --server`,
    )
  return prepareSaved(saved, preparing)
}

async function findPlanFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await isPlanFile(path)) return path
  return undefined
}

async function showPlan(
  { plan }: Prepared,
  { json, progress }: ApplyOptions,
  { console }: CommandContext,
): Promise<void> {
  if (progress === 'json') console.event(describePlanned(summarizePlan(plan)))
  else if (json) await console.error(renderPlan(plan, console.paintError).trimEnd())
  if (!json) await console.result(renderPlan(plan, console.paint))
}

async function isAllowed(
  { plan, refusals }: Prepared,
  options: ApplyOptions,
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
      'Cannot apply without being asked: this is no terminal; look at the plan, then give --yes',
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
  prepared: Prepared,
  { json, progress, report: reportPath }: ApplyOptions,
  { console, signal, exitWith }: CommandContext,
): Promise<void> {
  const { plan, open, identify } = prepared
  const hasWork = changesOf(plan).length > 0
  const shown = showProgress(console, progress)
  const report = await applyPlan(plan, { signal, open, identify, onEvent: shown.take }).finally(shown.stop)
  if (report.servers.some(({ status }) => status !== 'done')) exitWith(1)
  if (json) await console.result(renderReportJson(report))
  else if (hasWork) await console.result(`\n${renderReport(report, console.paint)}`)
  await writeReport(reportPath, prepared, report)
}
