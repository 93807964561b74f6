import { claimProcess, explainFailure, runScript, type Script, UsageError } from '@hyperkit/script'
import { openScreen, type Screen } from '@hyperkit/terminal'
import { nearestName, padToWidth, showText } from '@hyperkit/terminal/text'
import type { Catalogue } from './catalogue/catalogue.ts'
import { readNames } from './catalogue/synonyms.ts'
import { readVersion } from './read-version.ts'
import { takeGlobalFlags } from './take-global-flags.ts'

export interface RunCliOptions {
  builtIn: Catalogue
  /** @default one on the streams of the process */
  screen?: Screen
}

const program = 'hyperkit'

/** Runs a command line of `hyperkit` and gives the exit code. */
export async function runCli(
  words: readonly string[],
  { builtIn, screen = openScreen() }: RunCliOptions,
): Promise<number> {
  claimProcess()
  const { flags, rest } = takeGlobalFlags(words)
  const [first] = rest
  try {
    if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
      const help = await renderOverview(builtIn)
      await (first === undefined ? screen.error(help.trimEnd()) : screen.out(help))
      return first === undefined ? 1 : 0
    }
    if (first === '--list') {
      await screen.out(await renderList(builtIn))
      return 0
    }
    if (first === '--version' || first === '-V') {
      await screen.out(`${readVersion()}\n`)
      return 0
    }
    const { script, name, given } = await findScript(rest, builtIn)
    return await runScript(script, [...flags, ...given], { command: `${program} ${name}`, screen })
  } catch (error) {
    await screen.error(explainFailure(error, [program, first ?? ''].join(' ').trim()))
    return 1
  }
}

interface FoundScript {
  script: Script
  name: string
  given: readonly string[]
}

async function findScript(words: readonly string[], builtIn: Catalogue): Promise<FoundScript> {
  for (const { name, rest } of readNames(words)) {
    const script = await builtIn.load(name)
    if (script !== undefined) return { script, name, given: rest }
  }
  const [first = ''] = words
  const near = nearestName(first, await builtIn.names())
  throw new UsageError(
    `there is no script ${JSON.stringify(first)}; ${near === undefined ? '--list shows all' : `did you mean "${near}"?`}`,
  )
}

async function renderList(builtIn: Catalogue): Promise<string> {
  const names = await builtIn.names()
  const scripts = await Promise.all(names.map((name) => builtIn.load(name)))
  const width = Math.max(0, ...names.map((name) => name.length))
  return names
    .map((name, index) => `${padToWidth(name, width)}  ${showText(scripts[index]?.description ?? '')}\n`)
    .join('')
}

async function renderOverview(builtIn: Catalogue): Promise<string> {
  const list = await renderList(builtIn)
  return `Image commands for LXD and Incus servers, each a script

Usage: ${program} <script> [flags]
       ${program} --list

Scripts:
${list.replace(/^(?=.)/gm, '  ')}
${program} <script> --help tells the flags of a script.
`
}
