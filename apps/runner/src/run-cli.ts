import process from 'node:process'
import { commands } from '@hyperkit/reconciler/commands'
import {
  type Catalogue,
  type FoundScript,
  joinCatalogues,
  type Outlines,
  readPackageVersion,
  runProgram,
  tableCatalogue,
} from '@hyperkit/script/command'
import type { Screen } from '@hyperkit/terminal'
import { findConfig } from './own/find-config.ts'
import type { OfferedPackages } from './own/offer-packages.ts'

/** Options of {@link runCli}. */
export interface RunCliOptions {
  /** The built-in scripts. */
  builtIn: Catalogue
  /** The console. @default one on the streams of the process */
  screen?: Screen
  /** The version that `hyperkit --version` prints. @default that of this package */
  version?: string
  /** Functions that load the packages that the user's scripts import, for packages that are not on the disk. */
  packages?: OfferedPackages
  /** What the build wrote down of the built-in scripts and the reconciler's commands. @default nothing */
  outlines?: Outlines
}

/** Names that differ from the reconciler's, because a script has the same name. */
const otherNames: Readonly<Record<string, string>> = { export: 'export-manifest' }

/**
 * The reconciler's commands with their names in `hyperkit`.
 *
 * @see {@link runCli}
 */
export const manifestCommands = commands.map((command) => ({
  ...command,
  name: otherNames[command.name] ?? command.name,
}))

/**
 * Runs a command line of `hyperkit` and returns the exit code.
 *
 * @example
 * ```ts
 * import { builtInScripts, runCli } from '@hyperkit/runner'
 *
 * process.exitCode = await runCli(['--list'], { builtIn: builtInScripts() })
 * ```
 */
export async function runCli(
  words: readonly string[],
  { builtIn: scripts, screen, version, packages, outlines }: RunCliOptions,
): Promise<number> {
  const manifests = tableCatalogue(manifestCommands)
  const program = {
    name: 'hyperkit',
    description: 'Image commands for LXD and Incus servers, each a script',
    version: version ?? readPackageVersion(import.meta.url, '@hyperkit/runner'),
    usage: [
      [
        'hyperkit <command> [flags]',
        'runs a command from the list below; two words work too: alias list, image list',
      ],
      ['hyperkit ./own.ts [flags]', 'runs a script of your own; - reads it from stdin'],
      ['hyperkit new <name>', 'writes a new script'],
    ],
    builtIn: joinCatalogues([scripts, manifests]),
    outlines,
    async sections() {
      return [
        { title: 'Images of a server', catalogue: scripts },
        { title: 'Images of many servers, from a manifest', catalogue: manifests },
        { title: 'Scripts of your own', catalogue: await findOwnScripts(packages) },
      ]
    },
    footer:
      "Name a directory of your own scripts in hyperkit.config.ts (.js, .mjs, .json): export default { scripts: './ops' }.",
    words: {
      new: { description: 'Write a script', run: writeScript },
      // A hidden alias until the reconciler has an `init` command.
      init: { description: 'Write a script', isHidden: true, run: writeScript },
    },
    find: (given: readonly string[]) => findByPath(given, packages),
  } as const
  return runProgram(words, program, { screen })
}

/** Nothing that reads a configuration is loaded if there is none. */
async function findOwnScripts(packages: OfferedPackages | undefined): Promise<Catalogue> {
  if (findConfig(process.cwd()) === undefined) return tableCatalogue([])
  return (await import('./own/own-scripts.ts')).ownScripts(packages)
}

async function writeScript(words: readonly string[]): Promise<string> {
  return (await import('./own/new-script.ts')).newScript(words)
}

async function findByPath(
  [first = '', ...given]: readonly string[],
  packages: OfferedPackages | undefined,
): Promise<FoundScript | undefined> {
  if (first !== '-' && !/[/.]/.test(first)) return undefined
  const { isPath, loadOwnScript, loadScriptFromStdin } = await import('./own/own-script.ts')
  if (first === '-') return { script: await loadScriptFromStdin(packages), name: '-', given }
  if (!isPath(first)) return undefined
  return { script: await loadOwnScript(first, first, packages), name: first, given }
}
