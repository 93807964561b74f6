import * as v from 'valibot'
import type { Argument } from './argument.ts'
import { flag } from './argument-metadata.ts'
import { byteSize } from './byte-size.ts'
import { describeArguments } from './describe-arguments.ts'
import { duration } from './duration.ts'

const text = (description: string, options: Parameters<typeof flag>[0]) =>
  v.optional(
    v.pipe(v.string(), v.nonEmpty('it must not be empty'), v.description(description), flag(options)),
  )
const toggle = (description: string, short?: string) =>
  v.optional(
    v.pipe(v.boolean(), v.description(description), flag<boolean>(short === undefined ? {} : { short })),
  )

/** The flags that every script has. */
export const globalSchema = v.object({
  remote: text(
    'Server to work on, from your incus or lxc configuration: name, incus:name or lxc:name; default: HYPERKIT_REMOTE',
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
      v.minValue(1, 'it must be more than 0'),
      v.description('Stop after this long: 30, 30s, 5m, 1h30m'),
      flag<number>({ value: 'duration' }),
    ),
  ),
  answerTimeout: v.optional(
    v.pipe(
      duration,
      v.minValue(1, 'it must be more than 0'),
      v.description(
        'How long a server may take until an answer begins, or stop in the middle of one (default: 10s for its description, else 60s)',
      ),
      flag<number>({ value: 'duration' }),
    ),
  ),
  maxDocument: v.optional(
    v.pipe(
      byteSize,
      v.minValue(1, 'it must be more than 0'),
      v.description('Largest answer of a server that is read, images excepted: 64MiB (default), 1GiB'),
      flag<number>({ value: 'size' }),
    ),
  ),
  quiet: toggle('Print only warnings and errors on stderr, no progress and no notes', 'q'),
  debug: toggle('Log each request and how long it took on stderr', 'v'),
  color: v.optional(v.pipe(v.boolean(), v.description('No colours, even on a terminal')), true),
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

/** How a script uses the flags that every script has. */
export interface GlobalUse {
  /** The flags that it refuses, each with the reason. */
  refuses?: Partial<Record<GlobalFlag, string>> | undefined
  /** The flags that its own arguments declare. */
  declares?: readonly GlobalFlag[] | undefined
}

/**
 * The flags of every script that a script does not declare itself. Flags that it refuses are included, so that the error names
 * the reason.
 */
export function globalArgumentsOf({ declares = [] }: GlobalUse): Argument[] {
  return globalArguments.filter(({ key }) => !declares.some((declared) => declared === key))
}
