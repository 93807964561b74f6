import { imageOn } from '../manifest/image-on.ts'
import type { AbsentImage, Manifest, PresentImage } from '../manifest/manifest.ts'
import { formatProblem, ManifestError, type Problem } from '../manifest/manifest-error.ts'
import { explainRegistryProperty } from '../ownership/registry-property.ts'
import type { Content } from '../sources/content.ts'
import { createSourceReader, type SourceReader } from '../sources/create-source-reader.ts'
import { describeFailure } from '../sources/describe-failure.ts'
import { TooLargeError } from '../sources/receive-body.ts'
import type { SourceContext } from '../sources/source-context.ts'
import type { Desired, DesiredServer, UnresolvedImage } from './desired.ts'
import { joinImages, type KnownImage } from './join-images.ts'

/** What servers should have, each as soon as its own sources were read. */
export interface ArrivingDesired {
  /** In the order of the manifest, without servers that get no image. */
  servers: readonly ArrivingServer[]
  /** All of them, when every source was read or was given up. @throws {ManifestError} with all problems */
  whole: Promise<Desired>
}

export interface ArrivingServer {
  name: string
  /** @throws {ManifestError} if its images contradict each other, or the policy forbids a download */
  desired: Promise<DesiredServer>
}

/** Options of {@link resolveEach}. */
export interface ResolveEachOptions extends SourceContext {
  /** The manifest that says what this run brings to servers that images are copied from. @default the same */
  makers?: Manifest | undefined
  /** What is known of a server: the sources of these images are not read for it. @default nothing */
  kept?: DesiredServer | undefined
}

/**
 * Reads every source of the manifest once, and works out what each server should have, without waiting for the sources of other servers.
 * If a source on the network cannot be read, only its images are `unresolved`.
 *
 * @throws {ManifestError} with all local files that cannot be read or do not match the manifest
 */
export async function resolveEach(manifest: Manifest, options: ResolveEachOptions): Promise<ArrivingDesired> {
  const present = manifest.images.filter((image): image is PresentImage => image.state === 'present')
  const { makers = manifest, kept } = options
  const reader = createSourceReader(makers, { ...options, maxSize: manifest.policy?.maxSize })
  const read: Read = async (image, server) => contentIn(kept, image, server) ?? reader(image, server)
  const files = await readFiles(manifest, present.filter(isOnDisk), read, options)
  const found = new Map<PresentImage, ReadonlyMap<string, Promise<Found>>>(files)
  for (const image of present.filter((each) => !isOnDisk(each)))
    found.set(
      image,
      new Map(
        image.servers.map((server) => [
          server,
          unresolvedIn(kept, image, server) ?? readImage(manifest, image, server, read, options),
        ]),
      ),
    )
  const servers = manifest.servers
    // With pruning, a server that no image names any more is included, since it may have old versions to remove.
    .filter(
      ({ name }) =>
        manifest.prune !== undefined || manifest.images.some((image) => image.servers.includes(name)),
    )
    .map(({ name }) => ({
      name,
      desired: quietly(
        Promise.all(present.flatMap((image) => found.get(image)?.get(name) ?? [])).then((all) =>
          describeServer(manifest, name, all),
        ),
      ),
    }))
  return { servers, whole: quietly(joinServers(manifest, servers)) }
}

/** What was found out about an image for one server. */
type Found = KnownImage | UnresolvedImage | Forbidden

/** A download that the policy of the manifest forbids. */
interface Forbidden {
  problem: Problem
}

type Read = SourceReader

function contentIn(
  kept: DesiredServer | undefined,
  { name }: PresentImage,
  server: string,
): Content | undefined {
  if (kept?.name !== server) return undefined
  const found = kept.images.find(({ names }) => names.includes(name))
  if (found === undefined) return undefined
  const { fingerprint, size, serial, ofRegistry, origin } = found
  return { fingerprint, size, serial, ofRegistry, origin }
}

/** A source that could not be read is not read again: what it holds now has passed no check either. */
function unresolvedIn(
  kept: DesiredServer | undefined,
  { name }: PresentImage,
  server: string,
): Promise<UnresolvedImage> | undefined {
  const found = kept?.name === server ? kept.unresolved?.find((each) => each.name === name) : undefined
  return found && Promise.resolve(found)
}

/** Reads files one after another, since they keep the disk busy. */
async function readFiles(
  manifest: Manifest,
  images: readonly PresentImage[],
  read: Read,
  { signal }: SourceContext,
): Promise<Map<PresentImage, ReadonlyMap<string, Promise<Found>>>> {
  const problems: Problem[] = []
  const known: KnownImage[] = []
  for (const image of images) {
    try {
      for (const server of image.servers) known.push({ image, server, content: await read(image, server) })
    } catch (error) {
      signal?.throwIfAborted()
      // The file is the same for all servers, so it is reported once.
      problems.push({ file: manifest.file, at: image.source.at, message: describeFailure(error).message })
    }
  }
  joinImages(manifest.file, known, problems)
  if (problems.length > 0) throw new ManifestError(problems)
  return new Map(
    images.map((image) => [
      image,
      new Map(
        known
          .filter((each) => each.image === image)
          .map((each) => [each.server, Promise.resolve<Found>(each)]),
      ),
    ]),
  )
}

async function readImage(
  { file }: Manifest,
  image: PresentImage,
  server: string,
  read: Read,
  { signal }: SourceContext,
): Promise<Found> {
  try {
    const content = await read(image, server)
    const why = content.ofRegistry ? explainRegistryProperty(imageOn(image, server).properties) : undefined
    if (why === undefined) return { image, server, content }
    const message = `Cannot use image "${image.name}": ${why}`
    const at = { file: image.at.file ?? file, at: image.at }
    return {
      name: image.name,
      error: { code: 'invalid-argument', message: formatProblem({ ...at, message }) },
    }
  } catch (error) {
    signal?.throwIfAborted()
    const { code, message } = describeFailure(error)
    const { at } = image.source
    if (error instanceof TooLargeError) return { problem: { file, at, message } }
    return {
      name: image.name,
      error: { code, message: formatProblem({ file: at.file ?? file, at, message }) },
    }
  }
}

function describeServer(manifest: Manifest, name: string, found: readonly Found[]): DesiredServer {
  const known = found.filter((each): each is KnownImage => 'content' in each)
  const unresolved = found.filter((each): each is UnresolvedImage => 'error' in each)
  const problems = found.flatMap((each) => ('problem' in each ? [each.problem] : []))
  const images = joinImages(manifest.file, known, problems)
  if (problems.length > 0) throw new ManifestError(problems)
  return {
    name,
    images: images.get(name) ?? [],
    absent: manifest.images
      .filter((image): image is AbsentImage => image.state === 'absent' && image.servers.includes(name))
      .map((image) => ({ name: image.name, aliases: image.aliases.map((alias) => alias.name) })),
    ...(unresolved.length === 0 ? {} : { unresolved }),
    retention: known.map(({ image, content: { fingerprint } }) => {
      const { keep, keepDays } = imageOn(image, name)
      return { name: image.name, fingerprint, keep, keepDays }
    }),
  }
}

async function joinServers(
  { file, name, prune, policy }: Manifest,
  servers: readonly ArrivingServer[],
): Promise<Desired> {
  const all = await Promise.allSettled(servers.map(({ desired }) => desired))
  const failed = all.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []))
  const other = failed.find((reason) => !(reason instanceof ManifestError))
  if (other !== undefined) throw other
  const problems = failed.flatMap((reason) => (reason instanceof ManifestError ? reason.problems : []))
  // Servers that get the same images have the same problems.
  const byText = new Map(problems.map((problem) => [formatProblem(problem), problem]))
  if (byText.size > 0) throw new ManifestError([...byText.values()])
  const found = all.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  return { manifest: { file, name }, servers: found, prune, policy }
}

/** Whoever waits for it gets the failure; if nobody waits, it must not end the process. */
function quietly<Result>(promise: Promise<Result>): Promise<Result> {
  promise.catch(() => undefined)
  return promise
}

function isOnDisk({ source }: PresentImage): boolean {
  return source.kind === 'file' || source.kind === 'split'
}
