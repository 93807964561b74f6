import type { Command } from 'commander'
import { lockTimeoutOption, progressOption } from './add-version-commands.ts'
import type { CommandContext } from './command-context.ts'
import { type ExportOptions, exportCommand } from './export-command.ts'
import { addFileOption, collect, reportOption } from './manifest-options.ts'
import { type PromoteOptions, promoteCommand } from './promote-command.ts'
import { type UpdateOptions, updateCommand } from './update-command.ts'

/** The commands about contents on their way: agreed on, taken out of servers, moved on to others. */
export function addReleaseCommands(program: Command, context: CommandContext): void {
  addFileOption(program.command('update'))
    .description('write to the lock file what the sources hold now, and show what moved')
    .argument('[manifest]', 'path of the manifest, or of a folder of them (default: images.yaml)')
    .argument('[image...]', 'only these images; the locks of others stay as they are')
    .option('--dry-run', 'only show what has moved')
    .option('--json', 'print one JSON document of what moved')
    .action((path: string | undefined, images: string[], options: UpdateOptions) =>
      updateCommand(path, images, options, context),
    )
  program
    .command('export')
    .description('print what servers have as a manifest, on which a plan finds nothing to do')
    .argument('[image...]', 'only images with these aliases')
    .option('--remote <name>', 'a remote of your own incus or lxc configuration (repeatable)', collect)
    .option('-f, --file <manifest>', 'a manifest that names the servers')
    .option('--server <name>', 'only this server of the manifest (repeatable)', collect)
    .option('--project <name>', 'the project of the images, on all servers')
    .option('--name <name>', 'name of the new manifest (default: exported)')
    .option('-o, --out <file>', 'write the manifest there')
    .option(
      '--with-files <folder>',
      'save the images there too, with the manifest and SHA256SUMS: a bundle that needs no network',
    )
    .option('--force', 'replace a manifest that is there')
    .action((images: string[], options: ExportOptions) => exportCommand(images, options, context))
  addFileOption(program.command('promote'))
    .description('give servers the images that another one has under the same names; no source is read')
    .argument('[image...]', 'names of images of the manifest; by default all that the servers shall have')
    .requiredOption('--from <server>', 'the server that has the images')
    .requiredOption(
      '--to <server>',
      'a server that gets them, or the labels of several (repeatable)',
      collect,
    )
    .option('--dry-run', 'only show what would be done')
    .addOption(lockTimeoutOption())
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print one JSON document of what was done; the plan goes to stderr')
    .option(...reportOption, collect)
    .addOption(progressOption())
    .action((images: string[], options: PromoteOptions) => promoteCommand(images, options, context))
}
