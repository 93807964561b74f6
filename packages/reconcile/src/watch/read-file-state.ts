import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** The state of a file, or of the manifests in a folder, as a text that differs for each state; `missing` if there is none. */
export async function readFileState(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return 'missing'
  if (!found.isDirectory()) return [found.dev, found.ino, found.size, found.mtimeMs, found.ctimeMs].join(':')
  const names = await readdir(path).catch(() => [])
  const files = names.filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort()
  const states = await Promise.all(
    files.map(async (name) => `${name}=${await readFileState(join(path, name))}`),
  )
  return states.join(' ')
}

/** The states of several files, by path. */
export async function readFileStates(paths: readonly string[]): Promise<Map<string, string>> {
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFileState(path)] as const)))
}

export function isSame(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([path, state]) => b.get(path) === state)
}
