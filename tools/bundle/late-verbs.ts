import { dirname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Plugin } from 'rolldown'

const root = fileURLToPath(new URL('../..', import.meta.url))
const prefix = '\0late:'
const partMark = '#'

const core = 'packages/core/src'

/** Files that give names to asynchronous functions, and which of their imports are not needed at once. */
const importers: Readonly<Record<string, (path: string) => boolean>> = {
  [`${core}/images/images.ts`]: (path) => !/\/(?:get-image|list-images)\.ts$/.test(path),
  [`${core}/aliases/aliases.ts`]: () => true,
  [`${core}/certificates/certificates.ts`]: () => true,
  [`${core}/operations/operations.ts`]: () => true,
  'packages/connect/src/index.ts': (path) => /\/open-remote-(?:registry|streams)\.ts$/.test(path),
}

/** The one function of these files that is not asynchronous. */
const synchronous = 'openUserRegistry'

/**
 * Loads what a client can do when that is first called, because a command needs little of it. Only asynchronous functions are loaded so, and
 * therefore their callers see no difference.
 */
export function lateVerbs(): Plugin {
  return {
    name: 'late-verbs',
    resolveId(id, importer, { kind }) {
      if (id.startsWith(prefix)) return { id, moduleSideEffects: false }
      if (importer === undefined || kind !== 'import-statement') return undefined
      const isLate = importers[importer.slice(root.length)]
      const path = resolve(dirname(importer), id)
      return isLate?.(path) ? { id: `${prefix}${path}`, moduleSideEffects: false } : undefined
    },
    async load(id) {
      if (!id.startsWith(prefix)) return undefined
      const [path = '', part] = id.slice(prefix.length).split(partMark)
      if (part !== undefined)
        return `export const ${part} = (...given) => import(${JSON.stringify(path)}).then((it) => it.${part}(...given))`
      const exported = (await import(pathToFileURL(path).href)) as Record<string, unknown>
      // A module for each, so that a file gets only those that it uses.
      return Object.entries(exported)
        .map(
          ([name, thing]) =>
            `export { ${name} } from ${JSON.stringify(isLate(name, thing) ? id + partMark + name : path)}`,
        )
        .join('\n')
    },
  }
}

function isLate(name: string, thing: unknown): boolean {
  return typeof thing === 'function' && name !== synchronous
}
