import type { Index } from './manifests.ts'
import { platformOf } from './platforms.ts'

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
