import * as v from 'valibot'
import type { Argument } from './argument.ts'
import { flag } from './argument-metadata.ts'
import { describeArguments } from './describe-arguments.ts'
import { duration } from './duration.ts'

const text = (description: string, options: Parameters<typeof flag>[0]) =>
  v.optional(v.pipe(v.string(), v.nonEmpty('a name is needed'), v.description(description), flag(options)))
const toggle = (description: string, short?: string) =>
  v.optional(
    v.pipe(v.boolean(), v.description(description), flag<boolean>(short === undefined ? {} : { short })),
  )

/** The flags that every script has. */
export const globalSchema = v.object({
  remote: text(
    'Server to work on, of your incus or lxc configuration: name, incus:name or lxc:name; default: HYPERKIT_REMOTE',
    {
      completes: 'remote',
    },
  ),
  project: text('Project to work in', { completes: 'project' }),
  json: toggle('Print one JSON document'),
  dryRun: toggle('List the calls that would change something instead of sending them'),
  timeout: v.optional(
    v.pipe(
      duration,
      v.minValue(1, 'more than 0 is needed'),
      v.description('End everything after this long: 30, 30s, 5m, 1h30m'),
      flag<number>({ value: 'duration' }),
    ),
  ),
  quiet: toggle('No progress and no notes on stderr, only warnings and errors', 'q'),
  debug: toggle('Report each request with its time on stderr', 'v'),
  color: v.optional(v.pipe(v.boolean(), v.description('No colours, also on a terminal')), true),
  help: toggle('Show this help', 'h'),
})

export type GlobalFlags = v.InferOutput<typeof globalSchema>

/**
 * The flags that every script has, as a command line takes them.
 *
 * @example
 * ```ts
 * import { globalArguments } from '@hyperkit/script/command'
 *
 * console.log(globalArguments.map(({ name }) => name))
 * ```
 */
export const globalArguments: readonly Argument[] = describeArguments(globalSchema)

/** A flag of every script that one script can refuse, or declare itself. */
export type GlobalFlag = 'remote' | 'project' | 'json' | 'dryRun'

/** What a script says of the flags that every script has. */
export interface GlobalUse {
  /** The flags that it does not take, each with the reason. */
  refuses?: Partial<Record<GlobalFlag, string>> | undefined
  /** The flags that its own arguments declare. */
  declares?: readonly GlobalFlag[] | undefined
}

/** The flags of every script that one script leaves as they are; those it refuses are read too, to say why. */
export function globalArgumentsOf({ declares = [] }: GlobalUse): Argument[] {
  return globalArguments.filter(({ key }) => !declares.some((declared) => declared === key))
}
