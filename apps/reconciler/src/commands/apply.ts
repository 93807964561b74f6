import { HyperkitError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'
import { type ApplyReport, loadManifest, type Manifest } from '@hyperkit/reconcile'
import {
  createImagesAtOnce,
  describeMessage,
  describeRun,
  explainRollout,
  isPlanFile,
  keepKnown,
  notifyRun,
  type PlanInput,
  type PreparedPlan,
  type Preparing,
  planEach,
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
import { applyArriving } from '../run/apply-arriving.ts'
import { type AroundApply, applyPrepared, type CarryOutOptions } from '../run/apply-prepared.ts'
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
    const input = readInput(args)
    const saved = await findPlanFile(input)
    const opened: { close(): Promise<void> }[] = []
    const keep = <Opened extends { close(): Promise<void> }>(made: Opened): Opened => {
      opened.push(made)
      return made
    }
    const onEnd = async (report: ApplyReport | undefined, done: PreparedPlan): Promise<void> => {
      await writeReports(args.report, done, report)
      if (!dryRun) await notify(done, report, args.notify, tools)
    }
    const options = ({ rollout, servers }: Manifest): CarryOutOptions => ({
      ...args,
      imagesAtOnce: createImagesAtOnce(servers, args.imagesPerServer),
      rollout: rollout && { ...rollout, resume: args.resume },
    })
    const notifyFailure = async (error: unknown, prepared: PreparedPlan): Promise<never> => {
      if (!signal.aborted && !dryRun) {
        const refusals = [{ server: '', message: messageOf(error) }]
        await notify({ ...prepared, refusals }, undefined, args.notify, tools)
      }
      throw error
    }
    try {
      if (args.yes && !dryRun && saved === undefined) {
        const making = { choice: input, preparing: { ...preparingOf(tools, args), lists: true }, guard: args }
        const manifest = await loadManifest(input.paths)
        const arriving = keep(await planEach(manifest, input, making.preparing, args))
        await applyArriving(arriving, making, options(manifest), tools, onEnd).catch(async (error: unknown) =>
          notifyFailure(error, await arriving.whole),
        )
      } else {
        const prepare = async (again: Again = {}): Promise<PreparedPlan> =>
          keep(await prepareAll(input, saved, args, tools, again))
        const prepared = await prepare()
        const planAgain: AroundApply<PreparedPlan>['planAgain'] = async (server, before, remaining) =>
          prepare({
            ...(await keepKnown(server, before, before.manifest, remaining)),
            remaining: { server, ...remaining },
          })
        await applyPrepared(prepared, options(prepared.manifest), tools, { onEnd, planAgain }).catch(
          (error: unknown) => notifyFailure(error, prepared),
        )
      }
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
interface Again extends Pick<Preparing, 'known' | 'desired'> {
  remaining?: Remaining & { server: string }
}

async function prepareAll(
  input: PlanInput,
  saved: string | undefined,
  options: { allowEmpty: boolean; parallelism: number; imagesPerServer: number },
  tools: ScriptTools,
  { known, desired, remaining }: Again,
): Promise<PreparedPlan> {
  const preparing = { ...preparingOf(tools, options), lists: saved === undefined, known, desired }
  return saved === undefined
    ? preparePlan(input, preparing, options)
    : prepareSaved(saved, preparing, { ...options, remaining })
}

/** The saved plan among the paths, if there is one. */
async function findPlanFile({
  paths,
  targets,
  servers,
  republish = [],
}: PlanInput): Promise<string | undefined> {
  for (const path of paths) {
    if (!(await isPlanFile(path))) continue
    if (paths.length + targets.length + servers.length + republish.length > 1)
      throw new HyperkitError(
        'invalid-argument',
        `Cannot change the saved plan "${path}": it is applied exactly as it was saved; leave out --file, --target, --server and --republish`,
      )
    return path
  }
  return undefined
}
