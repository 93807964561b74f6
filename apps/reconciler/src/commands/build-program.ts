import { notifyOption, type Shell, schemaNames, shells } from '@hyperkit/reconcile/parts'
import { Argument, Command } from 'commander'
import { addReleaseCommands } from './add-release-commands.ts'
import { addVersionCommands, lockTimeoutOption, progressOption } from './add-version-commands.ts'
import { addWatchCommand } from './add-watch-command.ts'
import { type ApplyOptions, applyCommand } from './apply-command.ts'
import type { CommandContext } from './command-context.ts'
import { completionCommand } from './completion-command.ts'
import { addFileOption, addManifestOptions, frozenOption } from './manifest-options.ts'
import { type PlanOptions, planCommand } from './plan-command.ts'
import { readVersion } from './read-version.ts'
import { schemaCommand } from './schema-command.ts'
import { validateCommand } from './validate-command.ts'

const help = `
Exit codes: 0 done, 1 error; plan --detailed-exitcode: 0 no changes, 1 error, 2 changes are pending;
130 and 143 after SIGINT and SIGTERM. The result goes to stdout, progress to stderr.`

/** The command line as commander knows it: unknown commands and flags are refused with the nearest known one. */
export function buildProgram(context: CommandContext): Command {
  const program = new Command('hyperkit-reconcile')
    .description('Makes the images and aliases of LXD and Incus servers match a manifest')
    .version(readVersion(), '-V, --version')
    .helpCommand(false)
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText('after', help)
  const manifest = [
    '[manifest]',
    'path of the manifest, or of a folder of them (default: images.yaml)',
  ] as const
  const allowEmpty = ['--allow-empty', 'prune also what the manifest does not name any more'] as const
  addFileOption(program.command('validate'))
    .description(
      'check the manifest and tell everything that is wrong in it; no server is asked, except for sources with --frozen',
    )
    .argument(...manifest)
    .option('--json', 'print one JSON document')
    .option(...frozenOption)
    .action((path: string | undefined, options: Parameters<typeof validateCommand>[1]) =>
      validateCommand(path, options, context),
    )
  addManifestOptions(program.command('plan'))
    .description('show what would be changed where; nothing is changed')
    .argument(...manifest)
    .option('--json', 'print one JSON document')
    .option(...allowEmpty)
    .option('--detailed-exitcode', 'exit 2 where changes are pending, 0 where there are none')
    .option('-o, --out <file>', 'save the plan, to do exactly it with `apply <file>`')
    .action((path: string | undefined, options: PlanOptions) => planCommand(path, options, context))
  addManifestOptions(program.command('apply'))
    .description('show what would be changed, ask, and change it')
    .argument(
      '[manifest|plan]',
      'path of the manifest, of a folder of them (default: images.yaml), or of a saved plan',
    )
    .addOption(lockTimeoutOption())
    .option('-y, --yes', 'do not ask')
    .option(...allowEmpty)
    .option(...notifyOption)
    .option('--json', 'print one JSON document of what was done; the plan goes to stderr')
    .addOption(progressOption())
    .action((path: string | undefined, options: ApplyOptions) => applyCommand(path, options, context))
  addReleaseCommands(program, context)
  addVersionCommands(program, context)
  addWatchCommand(program, context)
  program
    .command('schema')
    .description('print a JSON Schema: of the manifest, for editors, or of a document that is printed')
    .addArgument(new Argument('[document]', 'what it describes').choices(schemaNames).default('manifest'))
    .action((name: string) => schemaCommand(name, context))
  program
    .command('completion')
    .description('print a script that completes command lines in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .action((shell: Shell) => completionCommand(shell, program, context))
  return program
}
