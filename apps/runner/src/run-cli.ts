import { claimProcess, explainFailure, runScript, type Script, UsageError } from '@hyperkit/script'
import { openScreen, type Screen } from '@hyperkit/terminal'
import { nearestName } from '@hyperkit/terminal/text'
import type { Catalogue } from './catalogue/catalogue.ts'
import { joinCatalogues } from './catalogue/join-catalogues.ts'
import { readNames } from './catalogue/synonyms.ts'
import type { OfferedPackages } from './own/offer-packages.ts'
import { readVersion } from './read-version.ts'
import { renderList, renderOverview } from './render-overview.ts'
import { takeGlobalFlags } from './take-global-flags.ts'

/** What a command line is run with. */
export interface RunCliOptions {
  /** The scripts that are there without any of the user's. */
  builtIn: Catalogue
  /** @default one on the streams of the process */
  screen?: Screen
  /** @default that of this package */
  version?: string
  /** How scripts of the user's get the packages that they import, where those are not on the disk. */
  packages?: OfferedPackages
}

const program = 'hyperkit'

/**
 * Runs a command line of `hyperkit` and gives the exit code.
 *
 * @example
 * ```ts
 * import { builtInScripts, runCli } from '@hyperkit/runner'
 *
 * process.exitCode = await runCli(['--list'], { builtIn: builtInScripts() })
 * ```
 */
export async function runCli(words: readonly string[], options: RunCliOptions): Promise<number> {
  claimProcess()
  const { screen = openScreen() } = options
  const { flags, rest } = takeGlobalFlags(words)
  const [first] = rest
  try {
    const told = await tellAboutItself(rest, options)
    if (told !== undefined) {
      await (first === undefined ? screen.error(told.trimEnd()) : screen.out(told))
      return first === undefined ? 1 : 0
    }
    const { script, name, given } = await findScript(rest, options)
    return await runScript(script, [...flags, ...given], { command: `${program} ${name}`, screen })
  } catch (error) {
    await screen.error(explainFailure(error, [program, first ?? ''].join(' ').trim()))
    return 1
  }
}

/** What is no script. */
async function tellAboutItself(
  [first, ...words]: readonly string[],
  { builtIn, version, packages }: RunCliOptions,
): Promise<string | undefined> {
  switch (first) {
    case undefined:
    case 'help':
    case '-h':
    case '--help':
      return renderOverview(program, await renderList(await everyScript(builtIn, packages)))
    case '--list':
      return renderList(await everyScript(builtIn, packages))
    case '-V':
    case '--version':
      return `${version ?? readVersion()}\n`
    case 'init':
      return (await import('./own/init-script.ts')).initScript(words)
    case 'completion':
      return (await import('./completion/render-completion.ts')).renderCompletion(words)
    case '--complete':
      return (await import('./completion/complete.ts')).complete(words, await everyScript(builtIn, packages))
    default:
      return undefined
  }
}

interface FoundScript {
  script: Script
  name: string
  given: readonly string[]
}

async function findScript(
  words: readonly string[],
  { builtIn, packages }: RunCliOptions,
): Promise<FoundScript> {
  const [first = '', ...given] = words
  if (first === '-' || /[/.]/.test(first)) {
    const { isPath, loadOwnScript, loadScriptFromStdin } = await import('./own/own-script.ts')
    if (first === '-') return { script: await loadScriptFromStdin(packages), name: '-', given }
    if (isPath(first)) return { script: await loadOwnScript(first, first, packages), name: first, given }
  }
  // The configuration is a program of the folder's: it is not asked for what comes with the runner.
  const found = await lookUp(words, builtIn)
  if (found !== undefined) return found
  const every = await everyScript(builtIn, packages)
  const own = await lookUp(words, every)
  if (own !== undefined) return own
  const near = nearestName(first, await every.names())
  throw new UsageError(
    `there is no script ${JSON.stringify(first)}; ${near === undefined ? '--list shows all' : `did you mean "${near}"?`}`,
  )
}

async function lookUp(words: readonly string[], catalogue: Catalogue): Promise<FoundScript | undefined> {
  for (const { name, rest } of readNames(words)) {
    const script = await catalogue.load(name)
    if (script !== undefined) return { script, name, given: rest }
  }
  return undefined
}

async function everyScript(builtIn: Catalogue, packages: OfferedPackages | undefined): Promise<Catalogue> {
  const { ownScripts } = await import('./own/own-scripts.ts')
  return joinCatalogues([builtIn, await ownScripts(packages)])
}
