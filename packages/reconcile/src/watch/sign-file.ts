import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Another text for each state of a file, or of the manifests in a folder; `missing` where there is none. */
export async function signFile(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return 'missing'
  if (!found.isDirectory()) return [found.dev, found.ino, found.size, found.mtimeMs, found.ctimeMs].join(':')
  const names = await readdir(path).catch(() => [])
  const files = names.filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort()
  const signs = await Promise.all(files.map(async (name) => `${name}=${await signFile(join(path, name))}`))
  return signs.join(' ')
}

/** Of several files, by path. */
export async function signFiles(paths: readonly string[]): Promise<Map<string, string>> {
  return new Map(await Promise.all(paths.map(async (path) => [path, await signFile(path)] as const)))
}

export function isSame(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([path, sign]) => b.get(path) === sign)
}
