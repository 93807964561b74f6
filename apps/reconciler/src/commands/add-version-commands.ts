import { type Command, InvalidArgumentError, Option } from 'commander'
import { adoptCommand } from './adopt-command.ts'
import { defaultLockTimeout } from './apply-prepared.ts'
import type { CommandContext } from './command-context.ts'
import { forceUnlockCommand } from './force-unlock-command.ts'
import { historyCommand } from './history-command.ts'
import { addFileOption, addServerOption } from './manifest-options.ts'
import { pruneCommand } from './prune-command.ts'
import { rollbackCommand } from './rollback-command.ts'
import { progressKinds } from './show-progress.ts'

/** The commands about whose an image is and which versions of it there are. */
export function addVersionCommands(program: Command, context: CommandContext): void {
  const yes = ['-y, --yes', 'do not ask'] as const
  const report = ['--json', 'print one JSON document of what was done; the plan goes to stderr'] as const
  addFileOption(program.command('prune'))
    .description('remove old versions that "keep" and "keepDays" let go, and nothing else')
    .argument('[manifest]', 'path of the manifest, or of a folder of them (default: images.yaml)')
    .option('--dry-run', 'only list what would go and why, and what stays and why')
    .option(...yes)
    .addOption(lockTimeoutOption())
    .option('--allow-empty', 'prune also what the manifest does not name any more')
    .option(...report)
    .action((path: string | undefined, options: Parameters<typeof pruneCommand>[1]) =>
      pruneCommand(path, options, context),
    )
  addServerOption(addFileOption(program.command('history')))
    .description('list the versions of the images, the newest first; no file of a source is read')
    .argument('[image]', 'name or alias of one image')
    .option('--json', 'print one JSON document')
    .action((image: string | undefined, options: Parameters<typeof historyCommand>[1]) =>
      historyCommand(image, options, context),
    )
  addServerOption(addFileOption(program.command('rollback')))
    .description('point an alias at the version before; apply moves it forward again')
    .argument('<alias>')
    .option('--to <fingerprint>', 'at this version; its first 12 digits are enough')
    .option(...yes)
    .addOption(lockTimeoutOption())
    .option(...report)
    .action((alias: string, options: Parameters<typeof rollbackCommand>[1]) =>
      rollbackCommand(alias, options, context),
    )
  addFileOption(program.command('adopt'))
    .description('make what there is of images of the manifest its own, whoever owned it before')
    .argument('<image...>', 'names of images of the manifest')
    .option(...yes)
    .addOption(lockTimeoutOption())
    .option(...report)
    .action((images: string[], options: Parameters<typeof adoptCommand>[1]) =>
      adoptCommand(images, options, context),
    )
  addServerOption(addFileOption(program.command('force-unlock')))
    .description('free the servers from the lock of a run that is dead')
    .option(...yes)
    .action((options: Parameters<typeof forceUnlockCommand>[0]) => forceUnlockCommand(options, context))
}

/** For every command that changes servers. */
export function lockTimeoutOption(): Option {
  return new Option('--lock-timeout <seconds>', 'how long to wait for another run of the same manifest')
    .default(defaultLockTimeout)
    .argParser((text) => {
      if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('It must be a whole number of seconds.')
      return Number(text)
    })
}

/** For commands that move images. */
export function progressOption(): Option {
  return new Option(
    '--progress <kind>',
    'how progress shows on stderr: bars on a terminal and else lines, lines, one JSON document a line, or not',
  )
    .choices(progressKinds)
    .default('auto')
}
