import type { Client } from '@hyperkit/core'
import { mapAtMost } from '../concurrency/map-at-most.ts'
import { describeImage } from './describe-image.ts'
import type { ObservedAlias, ObservedImage, ReadServer } from './observed.ts'

/** What a plan changes on a server, and so needs the ETags of. */
export interface Touched {
  aliases: readonly string[]
  fingerprints: readonly string[]
}

const readsAtOnce = 8

/**
 * Reads by name what a plan changes of a server that was read from a list, since lists have no ETags. What was read then can need more, so
 * it is planned until nothing is left.
 */
export async function readTouched(
  client: Client,
  listed: ReadServer,
  findTouched: (server: ReadServer) => Touched,
  signal: AbortSignal | undefined,
): Promise<ReadServer> {
  const known = new Set<string>()
  let server = listed
  for (;;) {
    const touched = findTouched(server)
    const names = touched.aliases.filter((name) => !known.has(`alias ${name}`))
    const fingerprints = touched.fingerprints.filter((fingerprint) => !known.has(fingerprint))
    if (names.length + fingerprints.length === 0) return server
    const aliases = await readAliases(client, names, signal)
    const found = [...aliases.values()].flatMap((alias) => alias?.target ?? [])
    const targets = found.filter((target) => !server.images.has(target))
    const images = await readImages(client, [...fingerprints, ...targets], signal)
    server = {
      ...server,
      aliases: merge<ObservedAlias>(server.aliases, aliases),
      images: merge<ObservedImage>(server.images, images, (now, before) => ({
        ...now,
        inUse: before?.inUse,
      })),
    }
    for (const name of aliases.keys()) known.add(`alias ${name}`)
    for (const fingerprint of images.keys()) known.add(fingerprint)
  }
}

async function readAliases(
  client: Client,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Map<string, ObservedAlias | undefined>> {
  const read = await mapAtMost(
    readsAtOnce,
    new Set(names),
    async (name) => [name, await client.aliases.find(name, { signal })] as const,
  )
  return new Map(read)
}

async function readImages(
  client: Client,
  fingerprints: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Map<string, ObservedImage | undefined>> {
  const read = await mapAtMost(readsAtOnce, new Set(fingerprints), async (fingerprint) => {
    const image = await client.images.find(fingerprint, { signal })
    return [fingerprint, image && describeImage(image)] as const
  })
  return new Map(read)
}

/** What is gone is left out. */
function merge<Of>(
  before: ReadonlyMap<string, Of>,
  read: ReadonlyMap<string, Of | undefined>,
  join: (now: Of, before: Of | undefined) => Of = (now) => now,
): Map<string, Of> {
  const all = new Map(before)
  for (const [key, now] of read)
    if (now === undefined) all.delete(key)
    else all.set(key, join(now, before.get(key)))
  return all
}
