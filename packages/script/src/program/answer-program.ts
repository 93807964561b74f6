import type { Catalogue } from '../catalogue/catalogue.ts'
import { joinCatalogues } from '../catalogue/join-catalogues.ts'
import type { Program, ProgramWord } from '../catalogue/program.ts'
import { readNames } from '../catalogue/read-names.ts'
import type { Completed } from '../completion/wanted.ts'
import { renderList, renderOverview } from './render-overview.ts'

/**
 * The output of what a program answers without running a script: its own words, and the help of commands whose outline the build wrote
 * down. Undefined if the words name a script. Nothing is imported here that only scripts need, because a shell asks at each Tab.
 *
 * @param flags the flags of every script
 */
export async function answerProgram(
  [first, ...words]: readonly string[],
  program: Program,
  flags: readonly Completed[],
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
      return (await import('../completion/complete.ts')).complete(
        words,
        program,
        await everyScript(program),
        flags,
      )
    default:
      return findWord(first, program)?.run(words) ?? outlinedHelp([first, ...words], program)
  }
}

/** All scripts, the user's own too. */
export async function everyScript(program: Program): Promise<Catalogue> {
  return joinCatalogues((await program.sections()).map(({ catalogue }) => catalogue))
}

/** Help on a word that is not a script, or on a command with an outline. */
async function answerHelp(words: readonly string[], program: Program): Promise<string | undefined> {
  const [first = ''] = words
  const word = findWord(first, program)
  if (word !== undefined) return `${word.description}\n\nUsage: ${program.name} ${first}\n`
  return (await findOutlined(words, program))?.help
}

/** `<command> --help`; with other words the whole line is read by the script, which may refuse them. */
async function outlinedHelp(words: readonly string[], program: Program): Promise<string | undefined> {
  const last = words.at(-1)
  if (last !== '--help' && last !== '-h') return undefined
  const found = await findOutlined(words.slice(0, -1), program)
  return found?.rest.length === 0 ? found.help : undefined
}

async function findOutlined(
  words: readonly string[],
  { outlines }: Program,
): Promise<{ help: string; rest: readonly string[] } | undefined> {
  for (const { name, rest } of readNames(words)) {
    const outline = await outlines?.of(name)
    if (outline !== undefined) return { help: outline.help, rest }
  }
  return undefined
}

function findWord(name: string, { words = {} }: Program): ProgramWord | undefined {
  return Object.hasOwn(words, name) ? words[name] : undefined
}

/** The flags of every script, as the build wrote them down, or else from their schema. */
export async function flagsOf({ outlines }: Program): Promise<readonly Completed[]> {
  return outlines?.flags ?? (await import('../arguments/global-flags.ts')).globalArguments
}
