import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { addVersionCommands, lockTimeoutOption } from './add-version-commands.ts'
import { applyCommand } from './apply-command.ts'
import type { Console } from './console.ts'
import { planCommand } from './plan-command.ts'
import { validateCommand } from './validate-command.ts'

/** What every command works with. */
export interface CommandContext {
  console: Console
  signal: AbortSignal
  exitWith(code: number): void
}

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
  const manifest = ['[manifest]', 'path of the manifest', 'images.yaml'] as const
  const allowEmpty = ['--allow-empty', 'prune also what the manifest does not name any more'] as const
  program
    .command('validate')
    .description('check the manifest and tell everything that is wrong in it; no server is asked')
    .argument(...manifest)
    .option('--json', 'print one JSON document')
    .action((path: string, options: { json?: true }) => validateCommand(path, options, context))
  program
    .command('plan')
    .description('show what would be changed where; nothing is changed')
    .argument(...manifest)
    .option('--json', 'print one JSON document')
    .option(...allowEmpty)
    .option('--detailed-exitcode', 'exit 2 where changes are pending, 0 where there are none')
    .action((path: string, options: { json?: true; detailedExitcode?: true; allowEmpty?: true }) =>
      planCommand(path, options, context),
    )
  program
    .command('apply')
    .description('show what would be changed, ask, and change it')
    .argument(...manifest)
    .addOption(lockTimeoutOption())
    .option('-y, --yes', 'do not ask')
    .option(...allowEmpty)
    .option('--json', 'print one JSON document of what was done; the plan goes to stderr')
    .action((path: string, options: Parameters<typeof applyCommand>[1]) =>
      applyCommand(path, options, context),
    )
  addVersionCommands(program, context)
  return program
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}
