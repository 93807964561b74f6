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
 *
 * @see {@link runCli}
 */
export function folderCatalogue(
  folder: string,
  load: (path: string) => Promise<Script> = importScript,
): Catalogue {
  const loadNamed = async (name: string): Promise<Script | undefined> => {
    const paths = extensions.map((extension) => `${name}.${extension}`)
    const found = paths.filter((file) => scriptFile.test(file)).find((file) => existsSync(join(folder, file)))
    return found === undefined ? undefined : load(join(folder, found))
  }
  return {
    async names() {
      const files = await readdir(folder).catch(() => {
        throw new UsageError(`the directory of scripts ${JSON.stringify(folder)} does not exist`)
      })
      return [...new Set(files.flatMap((file) => scriptFile.exec(file)?.[1] ?? []))].sort()
    },
    describe: async (name) => (await loadNamed(name))?.description,
    load: loadNamed,
  }
}

async function importScript(path: string): Promise<Script> {
  const module = (await import(path)) as { default?: unknown }
  if (isScript(module.default)) return module.default
  throw new UsageError(
    `${JSON.stringify(path)} is not a script: its default export must be defineScript({ … })`,
  )
}
