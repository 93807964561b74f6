import { NotFoundError } from '../errors/errors.ts'
import type { ImageName } from './image-name.ts'
import type { Index } from './manifests.ts'
import { kernelName, platformOf } from './platforms.ts'

/** A manifest of an index, with its platform. */
export type Entry = Index['manifests'][number] & {
  platform: { architecture: string; os: string; variant: string }
}

/** The manifests for Linux, without attestations, whose platform is `unknown`. */
export function linuxEntries({ manifests }: Index): Entry[] {
  return manifests.flatMap((entry) =>
    entry.platform?.os === 'linux' ? [{ ...entry, platform: entry.platform }] : [],
  )
}

/** The manifest that a server of this architecture chooses; undefined if there is none for it. */
export function chooseEntry(entries: readonly Entry[], architecture: string | undefined): Entry | undefined {
  if (architecture === undefined) return entries[0]
  const wanted = platformOf(architecture)
  for (const variant of wanted.variants) {
    const found = entries.find(
      ({ platform }) => platform.architecture === wanted.architecture && platform.variant === variant,
    )
    if (found !== undefined) return found
  }
  return undefined
}

/** The platforms of an index for people: Linux by the kernel's names, and others with their system. */
export function platformsOf({ manifests }: Index): string[] {
  const all = manifests.flatMap(({ platform }) => platform ?? [])
  return all
    .filter(({ os }) => os !== 'unknown')
    .map(({ os, architecture, variant }) => {
      const name = kernelName(architecture, variant)
      return os === 'linux' ? name : `${os}/${name}`
    })
}

/** The server that is to have the image. */
export interface PlatformServer {
  name: string
  /** Its own first. */
  architectures: readonly string[]
}

/** The error of an image that is not there for a server, or for an architecture; with neither, for Linux. */
export function noPlatform(
  { action, registry, name }: { action: string; registry: string; name: Pick<ImageName, 'tag' | 'digest'> },
  { server, architecture }: { server?: PlatformServer | undefined; architecture?: string | undefined },
  platforms: readonly string[],
): NotFoundError {
  const { tag, digest } = name
  const what = digest === undefined ? `tag "${tag}"` : `digest "${digest}"`
  const wanted =
    server !== undefined
      ? `server "${server.name}" (${server.architectures.join(', ')})`
      : architecture === undefined
        ? 'Linux'
        : kernelName(architecture)
  const there =
    platforms.length === 0
      ? 'and names no platform at all'
      : `only for ${[...new Set(platforms)].sort().join(', ')}`
  return new NotFoundError(`${action} of "${registry}": ${what} is not there for ${wanted}, ${there}`, {
    server: registry,
  })
}
