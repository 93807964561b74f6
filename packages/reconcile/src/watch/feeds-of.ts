import type { Manifest } from '../manifest/manifest.ts'
import type { Concern } from './queue/concerns.ts'

/** Images that other servers of the manifest get from a server. */
export interface Feed {
  /** What of the source's events can change them. */
  concern: Concern
  /** Names of the servers that get them. */
  to: readonly string[]
}

/** By the server that images come from. */
export function feedsOf({ images }: Manifest): ReadonlyMap<string, readonly Feed[]> {
  const feeds = new Map<string, Feed[]>()
  for (const image of images) {
    if (image.state === 'absent' || image.source.kind !== 'server') continue
    const { server, alias, fingerprint } = image.source
    const concern = {
      aliases: new Set(alias === undefined ? [] : [alias]),
      fingerprints: new Set(fingerprint === undefined ? [] : [fingerprint]),
      wantsAbsence: false,
    }
    feeds.set(server, [...(feeds.get(server) ?? []), { concern, to: image.servers }])
  }
  return feeds
}
