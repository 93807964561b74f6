import * as v from 'valibot'
import type { ArgumentsSchema } from './arguments/argument.ts'
import { describeArguments } from './arguments/describe-arguments.ts'
import { type GlobalUse, globalArgumentsOf } from './arguments/global-flags.ts'
import { scriptBrand } from './is-script.ts'
import type { Script, ScriptDefinition } from './script.ts'

const noArguments = v.object({})

/**
 * Defines a script. Flags, `--help`, checks and completion come from the schema of its arguments, and so do the types in
 * `run`.
 *
 * @throws TypeError a definition that cannot be a command: a flag that every script has already, say
 *
 * @example
 * ```ts
 * export default defineScript({
 *   description: 'Count the images of a server',
 *   async run({ client, print }) {
 *     print(String((await client.images.fingerprints()).length))
 *   },
 * })
 * ```
 */
export function defineScript<
  const Schema extends ArgumentsSchema = typeof noArguments,
  const Connects extends boolean = true,
>(definition: ScriptDefinition<Schema, Connects>): Script {
  const { description, details, examples = [], connects = true } = definition
  const args: ArgumentsSchema = definition.args ?? noArguments
  refuseClashes(args, definition)
  const script: Script = {
    description,
    details,
    examples,
    args,
    connects,
    refuses: definition.refuses,
    declares: definition.declares,
    handlesDryRun: definition.handlesDryRun,
    exitCodes: definition.exitCodes,
    grace: definition.grace,
    run: async (context) =>
      (await definition.run(context as Parameters<typeof definition.run>[0])) ?? undefined,
  }
  Object.defineProperty(script, scriptBrand, { value: true })
  return script
}

function refuseClashes(schema: ArgumentsSchema, use: GlobalUse): void {
  const taken = new Map<string, string>()
  for (const { name, short } of globalArgumentsOf(use)) {
    taken.set(name, 'every command has this flag')
    if (short !== undefined) taken.set(`-${short}`, 'every command has this flag')
  }
  for (const { name, short, key } of describeArguments(schema)) {
    for (const word of [name, ...(short === undefined ? [] : [`-${short}`])]) {
      const reason = taken.get(word)
      if (reason !== undefined)
        throw new TypeError(
          `Cannot define a script with the argument "${key}": "${word}" is taken: ${reason}`,
        )
      taken.set(word, `another argument has it`)
    }
  }
}
