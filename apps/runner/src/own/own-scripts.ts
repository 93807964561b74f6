import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import process from 'node:process'
import { type Catalogue, joinCatalogues } from '@hyperkit/script/command'
import { folderCatalogue } from '../catalogue/folder-catalogue.ts'
import { checkOwner } from './check-owner.ts'
import type { OfferedPackages } from './offer-packages.ts'
import { loadOwnScript } from './own-script.ts'
import { type Config, readConfig } from './read-config.ts'

/**
 * The scripts in the folders that the user's configuration names. None runs to be listed. If the configuration cannot be read, that is
 * reported when a script is looked for, so that lists and help work in every folder.
 */
export async function ownScripts(packages: OfferedPackages | undefined): Promise<Catalogue> {
  const folder = process.cwd()
  try {
    return catalogueOf(await readConfig(folder), folder, packages)
  } catch (error) {
    const fail = async (): Promise<never> => {
      throw error
    }
    return { names: async () => [], describe: async () => undefined, load: fail }
  }
}

function catalogueOf(
  { file, scripts }: Config,
  folder: string,
  packages: OfferedPackages | undefined,
): Catalogue {
  const load = async (path: string) => {
    const shown = relative(folder, path)
    if (file !== undefined) await checkOwner(path, shown, [file])
    return loadOwnScript(path, shown, packages)
  }
  return joinCatalogues(scripts.map((each) => folderCatalogue(each, load, describeText)))
}

/** The description of a script as its text has it; empty if it is not written there. */
async function describeText(path: string): Promise<string> {
  const text = await readFile(path, 'utf8')
  return /\bdescription:\s*(['"`])(.*?)\1/.exec(text)?.[2] ?? ''
}
