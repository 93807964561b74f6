import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isScript, type Script, UsageError } from '@hyperkit/script'
import type { Catalogue } from '@hyperkit/script/command'

const extensions = ['js', 'ts', 'mjs', 'mts']
const scriptFile = /^([a-z][a-z0-9-]*)\.m?[jt]s$/

/**
 * The scripts of a folder, each named after its file.
 *
 * @param load how a file becomes a script
 * @param describe how its description is found; by default it is loaded
 *
 * @see {@link runCli}
 */
export function folderCatalogue(
  folder: string,
  load: (path: string) => Promise<Script> = importScript,
  describe: (path: string) => Promise<string> = async (path) => (await load(path)).description,
): Catalogue {
  const find = (name: string): string | undefined =>
    extensions
      .map((extension) => `${name}.${extension}`)
      .filter((file) => scriptFile.test(file))
      .map((file) => join(folder, file))
      .find((path) => existsSync(path))
  const named = async <T>(name: string, read: (path: string) => Promise<T>): Promise<T | undefined> => {
    const path = find(name)
    return path === undefined ? undefined : read(path)
  }
  return {
    async names() {
      const files = await readdir(folder).catch(() => {
        throw new UsageError(`the directory of scripts ${JSON.stringify(folder)} does not exist`)
      })
      return [...new Set(files.flatMap((file) => scriptFile.exec(file)?.[1] ?? []))].sort()
    },
    describe: (name) => named(name, describe),
    load: (name) => named(name, load),
  }
}

async function importScript(path: string): Promise<Script> {
  const module = (await import(path)) as { default?: unknown }
  if (isScript(module.default)) return module.default
  throw new UsageError(
    `${JSON.stringify(path)} is not a script: its default export must be defineScript({ … })`,
  )
}
