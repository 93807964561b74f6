import type { RegistryDocuments } from '@hyperkit/core/parts'
import type { Environment } from '../transport/transport-options.ts'

/**
 * Keeps the manifests and configurations of registries in `$XDG_CACHE_HOME/hyperkit/registries`, a small file for each digest. So a plan
 * asks a registry only for the digests of tags, which are not counted as downloads, until a tag moves.
 *
 * @param keepsNothing whether they are only read
 * @returns undefined if there is no such directory
 */
export function keepDocuments(
  { XDG_CACHE_HOME, HOME }: Environment,
  keepsNothing: boolean,
): RegistryDocuments | undefined {
  const cache = XDG_CACHE_HOME || (HOME && `${HOME}/.cache`)
  if (!cache?.startsWith('/')) return undefined
  const folder = `${cache}/hyperkit/registries`
  const pathOf = (digest: string): string => `${folder}/${digest.replace(':', '-')}`
  return {
    async read(digest) {
      const { readFile } = await import('node:fs/promises')
      return readFile(pathOf(digest), 'utf8').catch(() => undefined)
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
    },
  }
}
