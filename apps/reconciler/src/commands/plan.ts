import { changesOf, writePlanFile } from '@hyperkit/reconcile'
import { checkReportPaths, preparePlan, recordBasis, writeReports } from '@hyperkit/reconcile/parts'
import { defineScript, UsageError } from '@hyperkit/script'
import * as v from 'valibot'
import {
  allowEmptyArguments,
  manifestWord,
  namedByManifest,
  planArguments,
  textFlag,
  toggle,
} from '../arguments/manifest-arguments.ts'
import { readInput } from '../arguments/read-input.ts'
import { descriptions } from '../descriptions.ts'
import { showOnly } from '../run/apply-prepared.ts'
import { preparingOf } from '../run/preparing.ts'

export default defineScript({
  description: descriptions.plan,
  connects: false,
  refuses: namedByManifest,
  exitCodes: { 2: 'changes are pending (with --detailed-exitcode)' },
  args: v.object({
    manifest: manifestWord(),
    ...planArguments,
    ...allowEmptyArguments,
    detailedExitcode: toggle('Exit 2 if changes are pending, 0 if there are none'),
    out: textFlag('Save the plan to this file, so that `apply <file>` applies exactly this plan', {
      short: 'o',
      value: 'file',
      completes: 'file',
    }),
  }),
  async run({ args, ...tools }) {
    const { console, command, dryRun } = tools
    if (dryRun && args.out !== undefined)
      throw new UsageError('"--dry-run" writes nothing, and "--out" saves the plan; give only one of them')
    const input = readInput(args)
    await checkReportPaths(args.report)
    const prepared = await preparePlan(input, preparingOf(tools), args)
    const { plan, refusals, close } = prepared
    await close()
    await showOnly(prepared, tools)
    if (args.out !== undefined && refusals.length === 0) {
      await writePlanFile(args.out, recordBasis(prepared, input), { manifest: prepared.manifest })
      const [program] = command.split(' ')
      await console.note(`Saved the plan as "${args.out}"; apply it with: ${program} apply ${args.out}`)
    }
    await writeReports(args.report, prepared)
    return args.detailedExitcode && changesOf(plan).length > 0 ? 2 : undefined
  },
})
