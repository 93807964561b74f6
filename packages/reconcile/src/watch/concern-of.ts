import type { DesiredServer } from '../desired/desired.ts'
import type { ReadServer } from '../observed/observed.ts'
import type { Concern } from './queue/concerns.ts'

/** What of a server's events can change what a run finds there. */
export function concernOf({ images, absent }: DesiredServer, { aliases }: ReadServer): Concern {
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
