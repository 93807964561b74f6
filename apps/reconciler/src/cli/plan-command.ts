import { changesOf } from '../plan/summarize-plan.ts'
import { renderPlan } from '../render/render-plan.ts'
import { renderPlanJson } from '../render/render-plan-json.ts'
import type { CommandContext } from './build-program.ts'
import { preparePlan } from './prepare-plan.ts'

export async function planCommand(
  path: string,
  options: { json?: true; detailedExitcode?: true; allowEmpty?: true },
  { console, signal, exitWith }: CommandContext,
): Promise<void> {
  const { plan, refusals, close } = await preparePlan(path, signal, options)
  await close()
  await console.result(options.json ? renderPlanJson(plan) : renderPlan(plan, console.paint))
  for (const { message } of refusals) await console.error(console.paintError('error', message))
  const isUnread = plan.servers.some(({ status }) => status === 'unread')
  if (isUnread || refusals.length > 0) exitWith(1)
  else if (options.detailedExitcode && changesOf(plan).length > 0) exitWith(2)
}
