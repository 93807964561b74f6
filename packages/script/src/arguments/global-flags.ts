import * as v from 'valibot'
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
      v.description('End everything after this long: 30, 30s, 5m'),
      flag<number>({ value: 'duration' }),
    ),
  ),
  quiet: toggle('No progress and no notes on stderr, only warnings and errors', 'q'),
  color: v.optional(v.pipe(v.boolean(), v.description('No colours, also on a terminal')), true),
  help: toggle('Show this help', 'h'),
})

export type GlobalFlags = v.InferOutput<typeof globalSchema>
/**
 * The flags that every script has, as a command line takes them.
 *
 * @example
 * ```ts
 * import { globalArguments } from '@hyperkit/script'
 *
 * console.log(globalArguments.map(({ name }) => name))
 * ```
 */
export const globalArguments = describeArguments(globalSchema)
