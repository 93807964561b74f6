import { changesOf, renderPlan, writePlanFile } from '@hyperkit/reconcile'
import {
  checkReportPaths,
  noteBasis,
  preparePlan,
  problemsOf,
  renderPlanJson,
  writeReports,
} from '@hyperkit/reconcile/parts'
import type { CommandContext } from './command-context.ts'
import { type ManifestOptions, readInput } from './manifest-options.ts'

export interface PlanOptions extends ManifestOptions {
  json?: true
  detailedExitcode?: true
  out?: string
  allowEmpty?: true
  report?: string[]
}

export async function planCommand(
  path: string | undefined,
  options: PlanOptions,
  { console, signal, wrapTransport, exitWith }: CommandContext,
): Promise<void> {
  const input = readInput(path, options)
  await checkReportPaths(options.report)
  const preparing = { signal, wrapTransport, hide: console.hide, note: console.error }
  const prepared = await preparePlan(input, preparing, options)
  const { plan, refusals, close } = prepared
  await close()
  await console.result(options.json ? renderPlanJson(plan) : renderPlan(plan, console.paint))
  for (const { message } of refusals) await console.error(console.paintError('error', message))
  if (options.out !== undefined && refusals.length === 0) {
    await writePlanFile(options.out, noteBasis(prepared, input), { manifest: prepared.manifest })
    await console.error(
      `Saved the plan as "${options.out}"; do it with: hyperkit-reconcile apply ${options.out}`,
    )
  }
  await writeReports(options.report, prepared)
  const isUnread = plan.servers.some(({ status }) => status === 'unread') || problemsOf(plan).length > 0
  if (isUnread || refusals.length > 0) exitWith(1)
  else if (options.detailedExitcode && changesOf(plan).length > 0) exitWith(2)
}
