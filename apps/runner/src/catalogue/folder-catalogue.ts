import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Catalogue } from './catalogue.ts'
import { loadScript } from './load-script.ts'

const scriptFile = /^([a-z][a-z0-9-]*)\.(?:ts|mts|js|mjs)$/

/** The scripts of a folder, each named after its file. */
export function folderCatalogue(folder: URL): Catalogue {
  return {
    async names() {
      const files = await readdir(folder)
      return [...new Set(files.flatMap((file) => scriptFile.exec(file)?.[1] ?? []))].sort()
    },
    async load(name) {
      for (const extension of ['js', 'ts', 'mjs', 'mts']) {
        const file = new URL(`${name}.${extension}`, folder)
        if (scriptFile.test(`${name}.${extension}`) && existsSync(file))
          return loadScript(file, fileURLToPath(file))
      }
      return undefined
    },
  }
}
