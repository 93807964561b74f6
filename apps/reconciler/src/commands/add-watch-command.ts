import { type Address, explainCron, notifyOption, readAddress, readDuration } from '@hyperkit/reconcile/parts'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { lockTimeoutOption } from './add-version-commands.ts'
import type { CommandContext } from './command-context.ts'
import { addSelectionOptions } from './manifest-options.ts'
import { progressKinds } from './show-progress.ts'
import { type WatchOptions, watchCommand } from './watch-command.ts'

export function addWatchCommand(program: Command, context: CommandContext): void {
  addSelectionOptions(program.command('watch'))
    .description(
      'keep servers as the manifest says: on events of theirs, when files change, and on a schedule, until a signal ends it',
    )
    .argument('[manifest]', 'path of the manifest, or of a folder of them (default: images.yaml)')
    .option('-y, --yes', 'change servers without asking; needed where there is no terminal')
    .option('--dry-run', 'change nothing, and tell what differs')
    .addOption(duration('--interval <time>', 'look at all servers at least so often (default: 10m)', 1000))
    .addOption(
      new Option('--schedule <cron>', 'look at all servers at these times, such as "*/15 * * * *"').argParser(
        readCron,
      ),
    )
    .addOption(
      duration(
        '--jitter <time>',
        'scheduled looks are late by up to so much (default: a tenth of the interval, at most 30s)',
      ),
    )
    .addOption(duration('--settle <time>', 'how long a changed file must stay as it is').default(2000, '2s'))
    .addOption(
      new Option('--listen <address>', 'where /healthz, /readyz and /metrics are served')
        .argParser(readListen)
        .default({ host: '127.0.0.1', port: 9464 }, '127.0.0.1:9464'),
    )
    .option('--no-listen', 'serve nothing')
    .addOption(lockTimeoutOption())
    .option(...notifyOption)
    .option('--json', 'print one JSON document a line of what happens')
    .addOption(
      new Option('--progress <kind>', 'how transfers show on stderr').choices(progressKinds).default('none'),
    )
    .action((path: string | undefined, options: WatchOptions) => watchCommand(path, options, context))
}

function duration(flags: string, description: string, least = 0): Option {
  return new Option(flags, description).argParser((text) => {
    const milliseconds = readDuration(text)
    if (milliseconds === undefined) throw new InvalidArgumentError('It must be like 30s, 10m or 1h30m.')
    if (milliseconds < least) throw new InvalidArgumentError(`It must be ${least / 1000}s at least.`)
    return milliseconds
  })
}

function readCron(pattern: string): string {
  const problem = explainCron(pattern, Date.now())
  if (problem !== undefined) throw new InvalidArgumentError(`It is no cron pattern: ${problem}.`)
  return pattern
}

function readListen(text: string): Address {
  const address = readAddress(text)
  if (address === undefined)
    throw new InvalidArgumentError('It must be like 127.0.0.1:9464, [::1]:9464 or 0.0.0.0:9464.')
  return address
}
