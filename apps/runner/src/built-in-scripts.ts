import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Catalogue } from '@hyperkit/script/command'
import { folderCatalogue } from './catalogue/folder-catalogue.ts'

/**
 * The scripts of `@hyperkit/scripts`: bundled with the command, from the sources in the repository, or from the installed
 * package.
 *
 * @see {@link runCli}
 */
export function builtInScripts(): Catalogue {
  const near = ['./scripts/', '../../../scripts/'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  )
  return folderCatalogue(
    near.find((folder) => existsSync(folder)) ??
      dirname(fileURLToPath(import.meta.resolve('@hyperkit/scripts/list'))),
  )
}
