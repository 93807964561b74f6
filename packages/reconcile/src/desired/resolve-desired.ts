import { mapAtMost } from '../concurrency/map-at-most.ts'
import { imageOn } from '../manifest/image-on.ts'
import type { AbsentImage, Manifest, PresentImage } from '../manifest/manifest.ts'
import { formatProblem, ManifestError, type Problem } from '../manifest/manifest-error.ts'
import { createSourceReader } from '../sources/create-source-reader.ts'
import { describeFailure } from '../sources/describe-failure.ts'
import { TooLargeError } from '../sources/receive-body.ts'
import type { SourceContext } from '../sources/source-context.ts'
import type { Desired, DesiredServer, UnresolvedImage } from './desired.ts'
import { joinImages, type KnownImage } from './join-images.ts'

/** Options of {@link resolveDesired}. */
export interface ResolveDesiredOptions extends SourceContext {}

/** Sources on the network are read at the same time; files are read one after another, since they keep the disk busy. */
const sourcesAtOnce = 8

/**
 * Reads every source of the manifest once, and works out what each server should have. If a source on the network cannot be
 * read, only its images are `unresolved`.
 *
 * @throws {ManifestError} with all local files that cannot be read or do not match the manifest, and downloads that its policy forbids
 */
export async function resolveDesired(manifest: Manifest, options: ResolveDesiredOptions): Promise<Desired> {
  const problems: Problem[] = []
  const present = manifest.images.filter((image): image is PresentImage => image.state === 'present')
  const { known, unresolved } = await readSources(manifest, present, options, problems)
  const images = joinImages(manifest.file, known, problems)
  if (problems.length > 0) throw new ManifestError(problems)
  const absent = manifest.images.filter((image): image is AbsentImage => image.state === 'absent')
  const servers = manifest.servers.map(({ name }): DesiredServer => {
    const missing = unresolved.filter(({ server }) => server === name)
    return {
      name,
      images: images.get(name) ?? [],
      absent: absent
        .filter(({ servers }) => servers.includes(name))
        .map((image) => ({ name: image.name, aliases: image.aliases.map((alias) => alias.name) })),
      ...(missing.length === 0 ? {} : { unresolved: missing.map(({ name, error }) => ({ name, error })) }),
      retention: known
        .filter(({ server }) => server === name)
        .map(({ image, content: { fingerprint } }) => {
          const { keep, keepDays } = imageOn(image, name)
          return { name: image.name, fingerprint, keep, keepDays }
        }),
    }
  })
  return {
    manifest: { file: manifest.file, name: manifest.name },
    // With pruning, a server that no image names any more is included, since it may have old versions to remove.
    servers: servers.filter(
      ({ images, absent, unresolved = [] }) =>
        manifest.prune !== undefined || images.length + absent.length + unresolved.length > 0,
    ),
    prune: manifest.prune,
    policy: manifest.policy,
  }
}

type Unresolved = UnresolvedImage & { server: string }

async function readSources(
  manifest: Manifest,
  images: readonly PresentImage[],
  options: ResolveDesiredOptions,
  problems: Problem[],
): Promise<{ known: KnownImage[]; unresolved: Unresolved[] }> {
  const { signal } = options
  const read = createSourceReader(manifest, { ...options, maxSize: manifest.policy?.maxSize })
  const results = new Map<PresentImage, (KnownImage | Unresolved)[]>()
  const readImage = async (image: PresentImage): Promise<void> => {
    const found: (KnownImage | Unresolved)[] = []
    results.set(image, found)
    for (const server of image.servers) {
      try {
        found.push({ image, server, content: await read(image, server) })
      } catch (error) {
        signal?.throwIfAborted()
        const { code, message } = describeFailure(error)
        const problem = { file: manifest.file, at: image.source.at, message }
        if (isOnDisk(image) || error instanceof TooLargeError) {
          // The file is the same for all servers, so report it once.
          problems.push(problem)
          return
        }
        found.push({
          name: image.name,
          server,
          error: { code, message: formatProblem({ ...problem, file: problem.at.file ?? problem.file }) },
        })
      }
    }
  }
  for (const image of images.filter(isOnDisk)) await readImage(image)
  await mapAtMost(
    sourcesAtOnce,
    images.filter((image) => !isOnDisk(image)),
    readImage,
  )
  const all = images.flatMap((image) => results.get(image) ?? [])
  return {
    known: all.filter((each): each is KnownImage => 'content' in each),
    unresolved: all.filter((each): each is Unresolved => 'error' in each),
  }
}

function isOnDisk({ source }: PresentImage): boolean {
  return source.kind === 'file' || source.kind === 'split'
}
