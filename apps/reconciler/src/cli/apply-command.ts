import { applyPlan } from '../apply/apply-plan.ts'
import { lockServers } from '../apply/lock-servers.ts'
import { changesOf } from '../plan/summarize-plan.ts'
import { countThings } from '../render/count-things.ts'
import { renderPlan } from '../render/render-plan.ts'
import { renderReport, renderReportJson } from '../render/render-report.ts'
import type { CommandContext } from './build-program.ts'
import { confirm, isInteractive } from './confirm.ts'
import { type Prepared, preparePlan } from './prepare-plan.ts'
import { showProgress } from './show-progress.ts'

/** Seconds: longer than the lock of a killed run counts, so that a run after it goes on by itself. */
export const defaultLockTimeout = 90

export async function applyCommand(
  path: string,
  options: { json?: true; yes?: true; allowEmpty?: true; lockTimeout?: number },
  context: CommandContext,
): Promise<void> {
  const prepared = await preparePlan(path, context.signal, options)
  try {
    await applyPrepared(prepared, options, context)
  } finally {
    await prepared.close()
  }
}

/** Shows a plan, asks, does it and reports: what every command that changes something ends with. */
export async function applyPrepared(
  prepared: Prepared,
  options: { json?: true; yes?: true; lockTimeout?: number },
  context: CommandContext,
): Promise<void> {
  await showPlan(prepared, options.json === true, context)
  if (await isAllowed(prepared, options, context)) await carryOut(prepared, options, context)
  else context.exitWith(1)
}

async function showPlan({ plan }: Prepared, json: boolean, { console }: CommandContext): Promise<void> {
  if (json) await console.error(renderPlan(plan, console.paintError).trimEnd())
  else await console.result(renderPlan(plan, console.paint))
}

async function isAllowed(
  { plan, refusals }: Prepared,
  options: { yes?: true },
  { console, signal }: CommandContext,
): Promise<boolean> {
  for (const { message } of refusals) await console.error(console.paintError('error', message))
  if (refusals.length > 0) {
    await console.error('Nothing was done')
    return false
  }
  const changes = changesOf(plan).length
  if (changes === 0 || options.yes) return true
  if (!isInteractive()) {
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
  { plan, open, identify }: Prepared,
  { json, lockTimeout = defaultLockTimeout }: { json?: true; lockTimeout?: number },
  { console, signal, exitWith }: CommandContext,
): Promise<void> {
  const hasWork = changesOf(plan).length > 0
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
    () => applyPlan(plan, { signal, open, identify, onEvent: showProgress(console) }),
  )
  if (json) await console.result(renderReportJson(report))
  else if (hasWork) await console.result(`\n${renderReport(report, console.paint)}`)
  if (report.servers.some(({ status }) => status !== 'done')) exitWith(1)
}
