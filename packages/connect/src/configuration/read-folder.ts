import { isHyperkitError } from '@hyperkit/core'
import { exists, readText } from '../disk/read-text.ts'
import type { ConfigFile } from './config-file.ts'
import { parseConfigFile } from './parse-config-file.ts'

/** A folder, and what its `config.yml` says. */
export interface ReadFolder {
  folder: string
  /** The file, where there is one. */
  file: string | undefined
  config: ConfigFile | undefined
  /** Why the file is there and `config` is not. */
  problem: Error | undefined
  /** The same files in later folders. */
  others: string[]
}

/** The first folder with a config.yml, else the first that was used otherwise, else the first. */
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

/** Those that are there, and are not the same by a link: Incus leaves one in its old folder on macOS. */
async function othersThan(file: string, later: readonly string[]): Promise<string[]> {
  const { realpath } = await import('node:fs/promises')
  const real = (path: string): Promise<string> => realpath(path).catch(() => path)
  const read = await real(file)
  const other = await Promise.all(
    later.map(async (path) => (await exists(path)) && (await real(path)) !== read),
  )
  return later.filter((_, at) => other[at])
}

async function readConfig(path: string): Promise<Pick<ReadFolder, 'config' | 'problem'> | undefined> {
  try {
    const text = await readText(path)
    return text === undefined ? undefined : { config: await parseConfigFile(text, path), problem: undefined }
  } catch (error) {
    // What Deno was not permitted to read is for whoever started it, not a fault of the file.
    if (!isHyperkitError(error) || (error.cause as Error | undefined)?.name === 'NotCapable') throw error
    return { config: undefined, problem: error }
  }
}
