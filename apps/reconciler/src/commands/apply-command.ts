import { HyperkitError } from '@hyperkit/core'
import type { ApplyReport } from '@hyperkit/reconcile'
import {
  checkReportPaths,
  describeRun,
  isPlanFile,
  notifyRun,
  type PreparedPlan,
  preparePlan,
  prepareSaved,
  writeReports,
} from '@hyperkit/reconcile/parts'
import { applyPrepared, type CarryOutOptions } from './apply-prepared.ts'
import type { CommandContext } from './command-context.ts'
import { type ManifestOptions, readInput } from './manifest-options.ts'

export interface ApplyOptions extends ManifestOptions, CarryOutOptions {
  allowEmpty?: true
  report?: string[]
  notify?: string
}

export async function applyCommand(
  path: string | undefined,
  options: ApplyOptions,
  context: CommandContext,
): Promise<void> {
  if (options.progress === 'json') context.console.useEvents()
  await checkReportPaths(options.report)
  const opened: PreparedPlan[] = []
  const open = async (): Promise<PreparedPlan> => {
    const prepared = await prepare(path, options, context)
    opened.push(prepared)
    return prepared
  }
  const prepared = await open()
  try {
    const onEnd = async (report: ApplyReport | undefined, done: PreparedPlan): Promise<void> => {
      await writeReports(options.report, done, report)
      await notify(done, report, options, context)
    }
    await applyPrepared(prepared, options, context, { onEnd, planAgain: open }).catch(
      async (error: unknown) => {
        if (context.signal.aborted) throw error
        await notify(
          { ...prepared, refusals: [{ server: '', message: messageOf(error) }] },
          undefined,
          options,
          context,
        )
        throw error
      },
    )
  } finally {
    for (const each of opened) await each.close()
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
  { signal, wrapTransport, console }: CommandContext,
): Promise<PreparedPlan> {
  const preparing = { signal, wrapTransport, hide: console.hide, note: console.error }
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
