import type { Screen } from '@hyperkit/terminal'
import { nearestName } from '@hyperkit/terminal/text'
import { findSwitch } from '../arguments/find-switch.ts'
import { globalArguments } from '../arguments/global-flags.ts'
import { UsageError } from '../arguments/usage-error.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import { commonWords, type FoundScript, type Program } from '../catalogue/program.ts'
import { readNames } from '../catalogue/read-names.ts'
import { openConsole } from '../console/open-console.ts'
import { explainFailure } from '../run/explain-failure.ts'
import { describeError, renderErrorDocument } from '../run/json-error.ts'
import { runScript } from '../run/run-script.ts'
import { everyScript } from './answer-program.ts'

/** Runs the script that the words after the flags name, and returns its exit code. */
export async function runNamed(
  flags: readonly string[],
  rest: readonly string[],
  program: Program,
  screen: Screen,
): Promise<number> {
  const isHelp = rest[0] === 'help'
  const { script, name, given } = await findScript(isHelp ? rest.slice(1) : rest, program)
  const following = isHelp ? ['--help'] : [...flags, ...given]
  return runScript(script, following, {
    command: `${program.name} ${name}`,
    version: program.version,
    screen,
  })
}

/** Shows what the program can do, on stderr because nothing was asked for. */
export async function refuseNothing(
  words: readonly string[],
  overview: string,
  screen: Screen,
): Promise<number> {
  await screen.error(overview.trimEnd())
  const error = { code: 'usage', message: 'no command was given; --list shows all' }
  if (findSwitch(words, globalArguments, 'json')) await screen.out(renderErrorDocument(error))
  return 1
}

/** Reports an error that is not a script's. */
export async function reportFailure(
  error: unknown,
  words: readonly string[],
  command: string,
  screen: Screen,
): Promise<number> {
  const sentence = explainFailure(error, command)
  const hasColours = findSwitch(words, globalArguments, 'color') ?? true
  const console = openConsole(screen, { hasColours })
  await console.error(console.paintError('error', sentence))
  if (findSwitch(words, globalArguments, 'json'))
    await console.result(renderErrorDocument(describeError(error, sentence)))
  return 1
}

async function findScript(words: readonly string[], program: Program): Promise<FoundScript> {
  const [first = ''] = words
  const named = await program.find?.(words)
  if (named !== undefined) return named
  // The configuration of a folder is code, so it is not run for built-in commands.
  const found = await lookUp(words, program.builtIn)
  if (found !== undefined) return found
  const every = await everyScript(program)
  const own = await lookUp(words, every)
  if (own !== undefined) return own
  const known = [...(await every.names()), ...Object.keys({ ...program.words, ...commonWords })]
  const near = nearestName(first, known)
  throw new UsageError(
    `unknown command ${JSON.stringify(first)}; ${near === undefined ? '--list shows all' : `did you mean "${near}"?`}`,
  )
}

async function lookUp(words: readonly string[], catalogue: Catalogue): Promise<FoundScript | undefined> {
  for (const { name, rest } of readNames(words)) {
    const script = await catalogue.load(name)
    if (script !== undefined) return { script, name, given: rest }
  }
  return undefined
}
