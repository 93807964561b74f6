import { openScreen, type Screen } from '@hyperkit/terminal'
import { nearestName } from '@hyperkit/terminal/text'
import { findSwitch } from '../arguments/find-switch.ts'
import { globalArguments } from '../arguments/global-flags.ts'
import { UsageError } from '../arguments/usage-error.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import { joinCatalogues } from '../catalogue/join-catalogues.ts'
import { commonWords, type FoundScript, type Program } from '../catalogue/program.ts'
import { readNames } from '../catalogue/read-names.ts'
import { takeGlobalFlags } from '../catalogue/take-global-flags.ts'
import { openConsole } from '../console/open-console.ts'
import { endScreen } from '../run/end-screen.ts'
import { explainFailure } from '../run/explain-failure.ts'
import { describeError, renderErrorDocument } from '../run/json-error.ts'
import { claimProcess } from '../run/run-if-main.ts'
import { runScript } from '../run/run-script.ts'
import { renderList, renderOverview } from './render-overview.ts'

/** Options of {@link runProgram}. */
export interface RunProgramOptions {
  /** @default one on the streams of the process */
  screen?: Screen | undefined
}

/**
 * Runs a command line of a program whose commands are scripts, and returns the exit code.
 *
 * @example
 * ```ts
 * import { runProgram, tableCatalogue } from '@hyperkit/script/command'
 *
 * const builtIn = tableCatalogue([])
 * process.exitCode = await runProgram(['--version'], {
 *   name: 'ops',
 *   description: 'Commands of our own',
 *   version: '1.0.0',
 *   usage: [],
 *   footer: '',
 *   builtIn,
 *   sections: async () => [{ title: 'Commands', catalogue: builtIn }],
 * })
 * ```
 */
export async function runProgram(
  words: readonly string[],
  program: Program,
  { screen = openScreen() }: RunProgramOptions = {},
): Promise<number> {
  claimProcess()
  const { flags, rest } = takeGlobalFlags(words)
  const [first] = rest
  const isJson = findSwitch(words, globalArguments, 'json') ?? false
  try {
    const answer = await answerItself(rest, program)
    if (answer !== undefined) {
      if (first !== undefined) {
        await screen.out(answer)
        return await endScreen(screen, `${program.name} ${first}`, 0)
      }
      await screen.error(answer.trimEnd())
      const error = { code: 'usage', message: 'no command was given; --list shows all' }
      if (isJson) await screen.out(renderErrorDocument(error))
      return 1
    }
    const isHelp = first === 'help'
    const { script, name, given } = await findScript(isHelp ? rest.slice(1) : rest, program)
    const following = isHelp ? ['--help'] : [...flags, ...given]
    return await runScript(script, following, {
      command: `${program.name} ${name}`,
      version: program.version,
      screen,
    })
  } catch (error) {
    const sentence = explainFailure(error, [program.name, first ?? ''].join(' ').trim())
    const hasColours = findSwitch(words, globalArguments, 'color') ?? true
    const console = openConsole(screen, { hasColours })
    await console.error(console.paintError('error', sentence))
    if (isJson) await console.result(renderErrorDocument(describeError(error, sentence)))
    return 1
  }
}

/** The output of the program's own words; undefined if the words name a script. */
async function answerItself(
  [first, ...words]: readonly string[],
  program: Program,
): Promise<string | undefined> {
  switch (first) {
    case undefined:
    case '-h':
    case '--help':
      return renderOverview(program)
    case 'help':
      return words.length === 0 ? renderOverview(program) : answerHelp(words, program)
    case '--list':
      return renderList(await everyScript(program))
    case 'version':
    case '-V':
    case '--version':
      return `${program.version}\n`
    case 'completion':
      return (await import('../completion/render-completion.ts')).renderCompletion(program.name, words)
    case '--complete':
      return (await import('../completion/complete.ts')).complete(words, program, await everyScript(program))
    default:
      return findWord(first, program)?.run(words)
  }
}

/** Help on a word that is not a script. */
function answerHelp([first = '']: readonly string[], program: Program): string | undefined {
  const word = findWord(first, program)
  return word === undefined ? undefined : `${word.description}\n\nUsage: ${program.name} ${first}\n`
}

function findWord(name: string, { words = {} }: Program) {
  return Object.hasOwn(words, name) ? words[name] : undefined
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

async function everyScript(program: Program): Promise<Catalogue> {
  return joinCatalogues((await program.sections()).map(({ catalogue }) => catalogue))
}
