import type { RegistryDocuments } from '@hyperkit/core/parts'
import type { Environment } from '../transport/transport-options.ts'

/** Documents that were not used for this long are removed, as are entries of the other caches. */
const keptFor = 90 * 86_400_000

/** All documents together; then those that were not used for the longest time are removed. */
const mostBytes = 64 * 1024 * 1024

/** After so many new bytes the directory is looked through again. */
const sweptEach = 4 * 1024 * 1024

/** Options of {@link keepDocuments}. */
export interface KeepDocumentsOptions {
  /** Whether they are only read. */
  keepsNothing: boolean
  /** @default 67108864 */
  mostBytes?: number
}

/**
 * Keeps the manifests and configurations of registries in `$XDG_CACHE_HOME/hyperkit/registries`, a small file for each digest. So a plan
 * asks a registry only for the digests of tags, which are not counted as downloads, until a tag moves.
 *
 * @returns undefined if there is no such directory
 */
export function keepDocuments(
  { XDG_CACHE_HOME, HOME }: Environment,
  { keepsNothing, mostBytes: most = mostBytes }: KeepDocumentsOptions,
): RegistryDocuments | undefined {
  const cache = XDG_CACHE_HOME || (HOME && `${HOME}/.cache`)
  if (!cache?.startsWith('/')) return undefined
  const folder = `${cache}/hyperkit/registries`
  const pathOf = (digest: string): string => `${folder}/${digest.replace(':', '-')}`
  let unswept = Number.POSITIVE_INFINITY
  return {
    async read(digest) {
      const { readFile, utimes } = await import('node:fs/promises')
      const path = pathOf(digest)
      const text = await readFile(path, 'utf8').catch(() => undefined)
      const now = new Date()
      if (text !== undefined && !keepsNothing) await utimes(path, now, now).catch(() => undefined)
      return text
    },
    async write(digest, text) {
      if (keepsNothing) return
      const { mkdir, rename, writeFile } = await import('node:fs/promises')
      const part = `${pathOf(digest)}.${crypto.randomUUID().slice(0, 8)}`
      // A directory that cannot be written costs only requests.
      await mkdir(folder, { recursive: true, mode: 0o700 })
        .then(() => writeFile(part, text, { mode: 0o600 }))
        .then(() => rename(part, pathOf(digest)))
        .catch(() => undefined)
      unswept += text.length
      if (unswept < Math.min(sweptEach, most)) return
      unswept = 0
      await sweep(folder, most).catch(() => undefined)
    },
  }
}

async function sweep(folder: string, most: number): Promise<void> {
  const { readdir, rm, stat } = await import('node:fs/promises')
  const found: { path: string; used: number; size: number }[] = []
  for (const name of await readdir(folder)) {
    const path = `${folder}/${name}`
    const facts = await stat(path).catch(() => undefined)
    if (facts?.isFile()) found.push({ path, used: facts.mtimeMs, size: facts.size })
  }
  found.sort((a, b) => b.used - a.used)
  let bytes = 0
  for (const { path, used, size } of found) {
    bytes += size
    if (bytes > most || Date.now() - used > keptFor) await rm(path, { force: true }).catch(() => undefined)
  }
}
