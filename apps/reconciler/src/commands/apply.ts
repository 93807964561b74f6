import { HyperkitError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'
import type { ApplyReport } from '@hyperkit/reconcile'
import {
  describeMessage,
  describeRun,
  explainRollout,
  isPlanFile,
  notifyRun,
  type PlanInput,
  type PreparedPlan,
  preparePlan,
  prepareSaved,
  type Remaining,
  writeReports,
} from '@hyperkit/reconcile/parts'
import { defineScript, type ScriptTools } from '@hyperkit/script'
import * as v from 'valibot'
import {
  allowEmptyArguments,
  changeArguments,
  changesServers,
  manifestWord,
  notifyArguments,
  planArguments,
  progressArguments,
  resumeArguments,
} from '../arguments/manifest-arguments.ts'
import { readInput } from '../arguments/read-input.ts'
import { descriptions } from '../descriptions.ts'
import { applyPrepared } from '../run/apply-prepared.ts'
import { checkReports } from '../run/check-reports.ts'
import { preparingOf } from '../run/preparing.ts'

export default defineScript({
  description: descriptions.apply,
  ...changesServers,
  args: v.object({
    manifest: manifestWord(
      'Path of the manifest, of a directory of manifests (default: images.yaml), or of a saved plan',
      'manifest|plan',
    ),
    ...planArguments,
    ...changeArguments,
    ...allowEmptyArguments,
    ...resumeArguments,
    ...notifyArguments,
    ...progressArguments(),
  }),
  async run({ args, ...tools }) {
    const { console, signal, dryRun } = tools
    if (args.progress === 'json') console.describeLines(describeMessage)
    await checkReports(args.report, tools)
    const opened: PreparedPlan[] = []
    const open = async (again: Again = {}): Promise<PreparedPlan> => {
      const prepared = await prepare(readInput(args), args, tools, again)
      opened.push(prepared)
      return prepared
    }
    const prepared = await open()
    const onEnd = async (report: ApplyReport | undefined, done: PreparedPlan): Promise<void> => {
      await writeReports(args.report, done, report)
      if (!dryRun) await notify(done, report, args.notify, tools)
    }
    const planAgain = (
      server: string,
      { observed }: PreparedPlan,
      remaining: Remaining,
    ): Promise<PreparedPlan> =>
      open({
        known: observed.filter(({ name }) => name !== server),
        remaining: { server, ...remaining },
      })
    try {
      const { rollout } = prepared.manifest
      const options = { ...args, rollout: rollout && { ...rollout, resume: args.resume } }
      await applyPrepared(prepared, options, tools, { onEnd, planAgain }).catch(async (error: unknown) => {
        if (signal.aborted || dryRun) throw error
        const refusals = [{ server: '', message: messageOf(error) }]
        await notify({ ...prepared, refusals }, undefined, args.notify, tools)
        throw error
      })
    } finally {
      for (const each of opened) await each.close()
    }
  },
})

/** A problem here is only a warning, because the apply is over. */
async function notify(
  prepared: PreparedPlan,
  report: ApplyReport | undefined,
  command: string | undefined,
  { console, signal }: ScriptTools,
): Promise<void> {
  const results = report?.servers.flatMap((server) => server.results) ?? []
  const failed = report?.servers.filter(({ status }) => status !== 'done').map(({ name }) => name) ?? []
  const waves = report === undefined ? [] : explainRollout(report).map(({ message }) => message)
  const problems = await notifyRun({
    notify: prepared.manifest.notify,
    command,
    hasChanged: results.some(({ outcome }) => outcome === 'done'),
    failure: [...failed, ...waves, ...prepared.refusals.map(({ message }) => message)].join('\n'),
    report: () => describeRun(prepared, report),
    signal,
  })
  for (const problem of problems ?? []) await console.error(console.paintError('error', problem))
}

/** How a server is planned again: without reading the others, and compared with what the run has yet to do there. */
interface Again {
  known?: PreparedPlan['observed']
  remaining?: Remaining & { server: string }
}

async function prepare(
  input: PlanInput,
  options: { allowEmpty: boolean },
  tools: ScriptTools,
  { known, remaining }: Again,
): Promise<PreparedPlan> {
  const saved = await findPlanFile(input.paths)
  const preparing = { ...preparingOf(tools), known }
  if (saved === undefined) return preparePlan(input, preparing, options)
  if (input.paths.length + input.targets.length + input.servers.length + (input.republish ?? []).length > 1)
    throw new HyperkitError(
      'invalid-argument',
      `Cannot change the saved plan "${saved}": it is applied exactly as it was saved; leave out --file, --target, --server and --republish`,
    )
  return prepareSaved(saved, preparing, { ...options, remaining })
}

async function findPlanFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await isPlanFile(path)) return path
  return undefined
}
