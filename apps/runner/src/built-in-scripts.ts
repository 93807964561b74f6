import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Catalogue } from '@hyperkit/script/command'
import { folderCatalogue } from './catalogue/folder-catalogue.ts'

/**
 * The scripts of `@hyperkit/scripts`: from the sources in the repository, or from the installed package.
 *
 * @see {@link runCli}
 */
export function builtInScripts(): Catalogue {
  const near = fileURLToPath(new URL('../../../scripts/', import.meta.url))
  return folderCatalogue(
    existsSync(near) ? near : dirname(fileURLToPath(import.meta.resolve('@hyperkit/scripts/list'))),
  )
}
