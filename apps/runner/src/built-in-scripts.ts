import { existsSync } from 'node:fs'
import type { Catalogue } from './catalogue/catalogue.ts'
import { folderCatalogue } from './catalogue/folder-catalogue.ts'

/** The scripts that come with the runner: compiled beside it, or the repository's own where it runs from its sources. */
export function builtInScripts(): Catalogue {
  const compiled = new URL('./scripts/', import.meta.url)
  return folderCatalogue(existsSync(compiled) ? compiled : new URL('../../../scripts/', import.meta.url))
}
