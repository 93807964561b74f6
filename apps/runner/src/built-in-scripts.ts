import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Catalogue } from './catalogue/catalogue.ts'
import { folderCatalogue } from './catalogue/folder-catalogue.ts'

/** The scripts that come with the runner: compiled beside it, or the repository's own where it runs from its sources. */
export function builtInScripts(): Catalogue {
  const compiled = new URL('./scripts/', import.meta.url)
  return folderCatalogue(
    fileURLToPath(existsSync(compiled) ? compiled : new URL('../../../scripts/', import.meta.url)),
  )
}
