import type { PlanInput } from '@hyperkit/reconcile/parts'
import type { Command } from 'commander'

/** What `plan` and `apply` have in common. */
export interface ManifestOptions {
  file?: string[]
  target?: string[]
  server?: string[]
  frozen?: true
  republish?: string[]
}

export function addFileOption(command: Command): Command {
  return command.option(
    '-f, --file <path>',
    'a manifest, or a folder of them, that goes together with the others (repeatable)',
    collect,
  )
}

export function addManifestOptions(command: Command): Command {
  return addSelectionOptions(command)
    .option(
      '--republish <image>',
      'publish this image anew, although its instance was published before (repeatable)',
      collect,
    )
    .option(...reportOption, collect)
}

export function addSelectionOptions(command: Command): Command {
  return addServerOption(addFileOption(command))
    .option('--target <image>', 'only this image of the manifest (repeatable)', collect)
    .option(...frozenOption)
}

export const reportOption = [
  '--report <file>',
  'write what was found and done as a page or document: .html, .md or .json (repeatable)',
] as const

/** For every command that reads sources, to compare them. */
export const frozenOption = [
  '--frozen',
  'refuse what differs from the lock file; take the locked image where its source has moved on',
] as const

export function addServerOption(command: Command): Command {
  return command.option(
    '--server <name>',
    'only this server of the manifest, or those with labels: tier=edge,site=berlin (repeatable)',
    collect,
  )
}

/** `images.yaml` unless something is named. */
export function readPaths(path: string | undefined, { file = [] }: Pick<ManifestOptions, 'file'>): string[] {
  const named = path === undefined ? file : [path, ...file]
  return named.length === 0 ? ['images.yaml'] : named
}

export function readInput(path: string | undefined, options: ManifestOptions): PlanInput {
  const { target = [], server = [], republish = [] } = options
  return {
    paths: readPaths(path, options),
    targets: [...new Set(target)],
    servers: [...new Set(server)],
    frozen: options.frozen,
    republish: [...new Set(republish)],
  }
}

export function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value]
}
