import type { Command } from 'commander'
import type { CommandContext } from './command-context.ts'
import { type ExportOptions, exportCommand } from './export-command.ts'
import { addFileOption, collect } from './manifest-options.ts'
import { type UpdateOptions, updateCommand } from './update-command.ts'

/** The commands about contents on their way: agreed on, and taken out of servers. */
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
}
