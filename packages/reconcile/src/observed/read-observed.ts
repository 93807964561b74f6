import { identifyServer, type ServerMark } from '@hyperkit/connect'
import type { Client, Image } from '@hyperkit/core'
import { explainNewAlias, rulesOf } from '@hyperkit/core/parts'
import { createSlowReport } from '@hyperkit/terminal'
import { lateAfter } from '../concurrency/late-after.ts'
import { mapAtMost } from '../concurrency/map-at-most.ts'
import { createSemaphore, type Semaphore } from '../concurrency/semaphore.ts'
import { serversAtOnce } from '../concurrency/servers-at-once.ts'
import type { Desired, DesiredServer } from '../desired/desired.ts'
import { isKnown } from '../identity/fingerprint-to-come.ts'
import { describeFailure } from '../sources/describe-failure.ts'
import { requireView } from '../sources/require-view.ts'
import { describeImage } from './describe-image.ts'
import { listWhole } from './list-whole.ts'
import type { ObservedAlias, ObservedImage, ObservedServer, ReadServer } from './observed.ts'
import { readImagesProject } from './read-images-project.ts'
import { readProfiles } from './read-profiles.ts'
import { readTouched, type Touched } from './read-touched.ts'
import { readUsageOnce, type Usage } from './read-usage.ts'
import { readVersions } from './read-versions.ts'
import { claimOf, identityOf, writeMark } from './server-mark.ts'

/** Options of {@link readObserved}. */
export interface ReadObservedOptions {
  signal?: AbortSignal | undefined
  /** Called once for each server. */
  open(server: string): Promise<Client>
  /** Whether to list all images that manifests have marked as well, for pruning. */
  versions?: boolean | undefined
  /**
   * Finds what a plan of a server changes. With it, a server that has few images is read from a list of them, and what is changed then by
   * name. @default everything is read by name
   */
  findTouched?: ((desired: DesiredServer, observed: ReadServer) => Touched) | undefined
  /** What was read of a server before, which is not read again. @default nothing */
  known?: KnownServers | undefined
  /** How many servers are read at once, without those that have not answered after some seconds. @default 16 */
  parallelism?: number | undefined
  /** The places of servers that are read, if other readers share them. @default as many as `parallelism` */
  places?: Semaphore | undefined
  /** Called with the servers that are still read after some seconds. */
  onSlow?: ((servers: readonly string[]) => void) | undefined
}

/** What is known of a server, or will be; undefined for a server that has to be read. */
export type KnownServers = (server: string) => ObservedServer | Promise<ObservedServer> | undefined

/** Reads one server. A server that fails becomes an `unread` entry. */
export type ServerReader = (server: DesiredServer) => Promise<ObservedServer>

const readsAtOnce = 8

/**
 * Asks each server for the aliases and images of the manifest, by name and by fingerprint. That takes a few milliseconds each,
 * whatever else the server has; a list of thousands of images would block its writes and can be truncated. With `findTouched`, a server
 * that has few images is read from one list. A server that fails becomes an `unread` entry.
 */
export async function readObserved(
  desired: Desired,
  options: ReadObservedOptions,
): Promise<ObservedServer[]> {
  return Promise.all(desired.servers.map(createServerReader(options)))
}

/** As {@link readObserved}, for servers that are given one by one. */
export function createServerReader({
  signal,
  open,
  versions = false,
  findTouched,
  known,
  parallelism = serversAtOnce,
  places = createSemaphore(parallelism),
  onSlow,
}: ReadObservedOptions): ServerReader {
  const slow = createSlowReport((names) => onSlow?.(names))
  const read = async (server: DesiredServer): Promise<ObservedServer> => {
    let mark: Promise<ServerMark | undefined> | undefined
    try {
      signal?.throwIfAborted()
      const client = await open(server.name)
      mark = identifyServer(client, { signal })
      return await readServer(server, client, { signal, versions, mark, findTouched })
    } catch (error) {
      signal?.throwIfAborted()
      const seen = await mark
      return {
        status: 'unread',
        name: server.name,
        ...(seen === undefined ? {} : { mark: writeMark(seen) }),
        error: describeFailure(error),
      }
    }
  }
  return async (server) =>
    known?.(server.name) ?? places.run(() => slow.during(server.name, read(server)), lateAfter)
}

async function readServer(
  desired: DesiredServer,
  client: Client,
  {
    signal,
    versions: withVersions,
    mark: seeing,
    findTouched,
  }: Pick<ReadObservedOptions, 'signal' | 'findTouched'> & {
    versions: boolean
    mark: Promise<ServerMark | undefined>
  },
): Promise<ReadServer> {
  const info = await client.server({ signal })
  const view = await requireView(client, signal)
  const imagesProject = await readImagesProject(client, signal)
  const names = [
    ...desired.images.flatMap(({ aliases }) => aliases.map(({ name }) => name)),
    ...desired.absent.flatMap((absent) => absent.aliases),
  ]
  const known = desired.images.map(({ fingerprint }) => fingerprint).filter(isKnown)
  const wanted = new Set([...names, ...known]).size
  const listed =
    findTouched !== undefined && view.sees === 'everything'
      ? await listWhole(client, { project: imagesProject, wanted }, signal)
      : undefined
  // If aliases can only be read from images, each lookup lists all images, so list them once.
  const found =
    view.sees === 'images'
      ? (await client.aliases.list({ signal })).filter(({ name }) => names.includes(name))
      : listed !== undefined
        ? aliasesIn(listed, names)
        : await mapAtMost(readsAtOnce, new Set(names), (name) => client.aliases.find(name, { signal }))
  const aliases = new Map<string, ObservedAlias>()
  for (const alias of found) if (alias !== undefined) aliases.set(alias.name, alias)
  const leaving = desired.absent.flatMap((absent) => absent.aliases.map((name) => aliases.get(name)?.target))
  const images = await readImages(
    client,
    [
      ...known,
      // The owner of an alias can depend on the owner of the image that it points at.
      ...[...aliases.values()].map(({ target }) => target),
    ],
    listed,
    signal,
  )
  const refusedNames = new Map(
    names.flatMap((name) => {
      const why = aliases.has(name) ? undefined : explainNewAlias(info, name)
      return why === undefined ? [] : [[name, why] as const]
    }),
  )
  // If the project is unknown, the server itself refuses a public image.
  const isElsewhere = imagesProject !== undefined && imagesProject !== 'default'
  const profiles = wantsNewProfiles(desired, images) ? await readProfiles(client, signal) : undefined
  const askUsage = readUsageOnce(client, signal)
  const versions = withVersions ? await readVersions(client, signal, askUsage, listed) : undefined
  const mark = await seeing
  const server: ReadServer = {
    status: 'read',
    name: desired.name,
    identity: identityOf(mark, info, client.name),
    ...(mark === undefined ? {} : { mark: writeMark(mark) }),
    claim: claimOf(info),
    imagesProject,
    dialect: info.dialect.kind,
    version: info.version,
    ...(await markUse(images, leaving, askUsage)),
    aliases,
    ...(refusedNames.size === 0 ? {} : { refusedNames }),
    ...(isElsewhere && rulesOf(info).publicOnlyInDefault ? { refusesPublic: true } : {}),
    ...(profiles === undefined ? {} : { profiles }),
    ...(versions === undefined ? {} : { versions }),
  }
  return listed === undefined || findTouched === undefined
    ? server
    : readTouched(client, server, (now) => findTouched(desired, now), signal)
}

/** Whether an image should get profiles that it does not have yet; only then do the profiles of the server matter. */
function wantsNewProfiles(desired: DesiredServer, images: readonly ObservedImage[]): boolean {
  return desired.images.some(({ fingerprint, profiles = [] }) => {
    const known = images.find((image) => image.fingerprint === fingerprint)?.profiles ?? []
    return profiles.some((name) => name !== 'default' && !known.includes(name))
  })
}

async function readImages(
  client: Client,
  fingerprints: readonly string[],
  listed: readonly Image[] | undefined,
  signal: AbortSignal | undefined,
): Promise<ObservedImage[]> {
  const wanted = new Set(fingerprints)
  const found =
    listed?.filter(({ fingerprint }) => wanted.has(fingerprint)) ??
    (await mapAtMost(readsAtOnce, wanted, (fingerprint) => client.images.find(fingerprint, { signal })))
  return found.filter((image) => image !== undefined).map(describeImage)
}

/** The aliases of these names, from the images that have them. */
function aliasesIn(listed: readonly Image[], names: readonly string[]): ObservedAlias[] {
  const wanted = new Set(names)
  return listed.flatMap(({ fingerprint: target, aliases }) =>
    aliases
      .filter(({ name }) => wanted.has(name))
      .map(({ name, description }) => ({ name, description, target, etag: undefined })),
  )
}

/** Reads which images are in use only if one of them may be removed, since that lists all instances. */
async function markUse(
  images: readonly ObservedImage[],
  leaving: readonly (string | undefined)[],
  askUsage: () => Promise<Usage>,
): Promise<Pick<ReadServer, 'images' | 'usageHidden'>> {
  const removable = images.filter(({ fingerprint }) => leaving.includes(fingerprint))
  const usage = removable.length === 0 ? undefined : await askUsage()
  const inUse = (image: ObservedImage): boolean | undefined =>
    usage?.status === 'shown' && removable.includes(image) ? usage.used.has(image.fingerprint) : undefined
  return {
    images: new Map(images.map((image) => [image.fingerprint, { ...image, inUse: inUse(image) }])),
    ...(usage?.status === 'hidden' ? { usageHidden: usage.missing } : {}),
  }
}
