import { relative } from 'node:path'
import process from 'node:process'
import { type Catalogue, joinCatalogues } from '@hyperkit/script/command'
import { folderCatalogue } from '../catalogue/folder-catalogue.ts'
import type { OfferedPackages } from './offer-packages.ts'
import { loadOwnScript } from './own-script.ts'
import { readConfig } from './read-config.ts'

/** The scripts in the folders that the user's configuration names. */
export async function ownScripts(packages: OfferedPackages | undefined): Promise<Catalogue> {
  const folder = process.cwd()
  const { scripts } = await readConfig(folder)
  const load = (path: string) => loadOwnScript(path, relative(folder, path), packages)
  return joinCatalogues(scripts.map((each) => folderCatalogue(each, load)))
}
