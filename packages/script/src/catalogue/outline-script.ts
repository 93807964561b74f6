import type { Argument } from '../arguments/argument.ts'
import { describeArguments } from '../arguments/describe-arguments.ts'
import { globalArgumentsOf } from '../arguments/global-flags.ts'
import { renderHelp } from '../arguments/render-help.ts'
import type { Script } from '../script.ts'
import type { Outline, OutlinedArgument } from './outlines.ts'

/**
 * The outline of a script, for a build that writes it down.
 *
 * @param command as the user calls it: `hyperkit list`
 *
 * @example
 * ```ts
 * import { defineScript } from '@hyperkit/script'
 * import { outlineScript } from '@hyperkit/script/command'
 *
 * const script = defineScript({ description: 'Do nothing', run() {} })
 * console.log(outlineScript(script, 'ops nothing').help)
 * ```
 */
export function outlineScript(script: Script, command: string): Outline {
  const args = describeArguments(script.args)
  return {
    help: renderHelp({ ...script, command }, args),
    args: [...args, ...acceptedFlags(script)].map(outlineArgument),
  }
}

/** The flags of every script that this one does not refuse. */
export function acceptedFlags(script: Script): Argument[] {
  const refused = Object.keys(script.refuses ?? {})
  return globalArgumentsOf(script).filter(({ key }) => !refused.includes(key))
}

/**
 * An argument as plain data.
 *
 * @see {@link outlineScript}
 */
export function outlineArgument({
  schema: _,
  default: preset,
  completes,
  ...facts
}: Argument): OutlinedArgument {
  return {
    ...facts,
    ...(preset === true ? { default: true } : {}),
    ...(completes === undefined
      ? {}
      : { completes: typeof completes === 'function' ? 'by-script' : completes }),
  }
}
