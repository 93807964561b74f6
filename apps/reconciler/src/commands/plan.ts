import { changesOf, writePlanFile } from '@hyperkit/reconcile'
import { checkPlanPlace, preparePlan, recordBasis, writeReports } from '@hyperkit/reconcile/parts'
import { defineScript, type ScriptTools, UsageError } from '@hyperkit/script'
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
import { checkReports } from '../run/check-reports.ts'
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
    out: textFlag(
      'Save the plan to this file ("-": stdout), so that `apply <file>` applies exactly this plan',
      {
        short: 'o',
        value: 'file',
        completes: 'file',
      },
    ),
  }),
  async run({ args, ...tools }) {
    const { console, command, dryRun, json, signal } = tools
    const out = args.out === '-' ? '/dev/stdout' : args.out
    if (out === '/dev/stdout' && json)
      throw new UsageError('"--json" and "--out" both write to stdout; give only one of them')
    if (dryRun && out !== undefined)
      throw new UsageError('"--dry-run" writes nothing, and "--out" saves the plan; give only one of them')
    const input = readInput(args)
    await checkReports(args.report, tools)
    if (out !== undefined) await checkPlanPlace(out)
    const prepared = await preparePlan(input, { ...preparingOf(tools, args), lists: out === undefined }, args)
    const { plan, refusals, close } = prepared
    await close()
    // Stdout belongs to the saved plan alone.
    const shown = out === '/dev/stdout' ? { ...console, result: onStderr(console) } : console
    await showOnly(prepared, { ...tools, console: shown })
    if (out !== undefined && refusals.length === 0) {
      await writePlanFile(out, recordBasis(prepared, input), { manifest: prepared.manifest, signal })
      const [program] = command.split(' ')
      const advice = out.startsWith('/dev/') ? '' : `; apply it with: ${program} apply ${out}`
      await console.note(`Saved the plan as "${out}"${advice}`)
    }
    await writeReports(args.report, prepared)
    return args.detailedExitcode && changesOf(plan).length > 0 ? 2 : undefined
  },
})

function onStderr({ note }: ScriptTools['console']): (text: string) => Promise<void> {
  return (text) => note(text.trimEnd())
}
