import type { Manifest } from '../manifest/manifest.ts'
import type { EventFilter } from './queue/event-filter.ts'

/** Servers that get an image from another server of the manifest. */
export interface Dependents {
  /** Matches the events of that other server which can change the image. */
  filter: EventFilter
  /** Names of the servers that get it. */
  servers: readonly string[]
}

/** The dependents of each server that is the source of an image, by that server's name. */
export function findDependents({ images }: Manifest): ReadonlyMap<string, readonly Dependents[]> {
  const dependents = new Map<string, Dependents[]>()
  for (const image of images) {
    if (image.state === 'absent' || image.source.kind !== 'server') continue
    const { server, alias, fingerprint } = image.source
    const filter = {
      aliases: new Set(alias === undefined ? [] : [alias]),
      fingerprints: new Set(fingerprint === undefined ? [] : [fingerprint]),
      wantsAbsence: false,
    }
    dependents.set(server, [...(dependents.get(server) ?? []), { filter, servers: image.servers }])
  }
  return dependents
}
