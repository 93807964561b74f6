import { isHyperkitError } from '@hyperkit/core'
import { exists, readText } from '../disk/read-text.ts'
import type { ConfigFile } from './config-file.ts'
import { parseConfigFile } from './parse-config-file.ts'

/** A folder, and the content of its `config.yml`. */
export interface ReadFolder {
  folder: string
  /** The file, if there is one. */
  file: string | undefined
  config: ConfigFile | undefined
  /** Why `config` is undefined although the file exists. */
  problem: Error | undefined
  /** The `config.yml` of later folders, which were not read. */
  others: string[]
}

/** Reads the first folder with a config.yml; else chooses the first with a client certificate, else the first. */
export async function readFirst(folders: readonly string[]): Promise<ReadFolder> {
  const files = folders.map((folder) => `${folder}/config.yml`)
  for (const [index, folder] of folders.entries()) {
    const [file = '', ...later] = files.slice(index)
    const read = await readConfig(file)
    if (read === undefined) continue
    return { folder, file, others: await othersThan(file, later), ...read }
  }
  const used = await Promise.all(folders.map((folder) => exists(`${folder}/client.crt`)))
  const folder = folders[Math.max(0, used.indexOf(true))] ?? ''
  return { folder, file: undefined, config: undefined, problem: undefined, others: [] }
}

/** The files that exist and are not links to the one that was read: on macOS, Incus leaves such a link in its old folder. */
async function othersThan(file: string, later: readonly string[]): Promise<string[]> {
  const present = await Promise.all(later.map(exists))
  const candidates = later.filter((_, at) => present[at])
  if (candidates.length === 0) return []
  const { realpath } = await import('node:fs/promises')
  const real = (path: string): Promise<string> => realpath(path).catch(() => path)
  const [read, ...paths] = await Promise.all([file, ...candidates].map(real))
  return candidates.filter((_, at) => paths[at] !== read)
}

async function readConfig(path: string): Promise<Pick<ReadFolder, 'config' | 'problem'> | undefined> {
  try {
    const text = await readText(path)
    return text === undefined ? undefined : { config: await parseConfigFile(text, path), problem: undefined }
  } catch (error) {
    // A missing permission of Deno is not a fault of the file: the user has to grant it.
    if (!isHyperkitError(error) || (error.cause as Error | undefined)?.name === 'NotCapable') throw error
    return { config: undefined, problem: error }
  }
}
