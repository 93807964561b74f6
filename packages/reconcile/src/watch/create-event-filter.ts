import type { DesiredServer } from '../desired/desired.ts'
import type { ReadServer } from '../observed/observed.ts'
import type { EventFilter } from './queue/event-filter.ts'

/** Matches the events of a server that can change what a pass finds there. */
export function createEventFilter({ images, absent }: DesiredServer, { aliases }: ReadServer): EventFilter {
  const wanted = images.flatMap((image) => image.aliases.map(({ name }) => name))
  return {
    aliases: new Set([...wanted, ...absent.flatMap((image) => image.aliases)]),
    fingerprints: new Set([
      ...images.map(({ fingerprint }) => fingerprint),
      ...[...aliases.values()].map(({ target }) => target),
    ]),
    wantsAbsence: absent.length > 0,
  }
}
