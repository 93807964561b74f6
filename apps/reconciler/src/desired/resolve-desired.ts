import { imageOn } from '../manifest/image-on.ts'
import type { AbsentImage, FileSource, Manifest, PresentImage } from '../manifest/manifest.ts'
import { ManifestError, type Problem } from '../manifest/manifest-error.ts'
import type { Desired, DesiredServer, ImageFiles } from './desired.ts'
import { joinImages, type KnownImage } from './join-images.ts'

/** The content behind a source; `fingerprintOf` of @hyperkit/files. */
export type Fingerprinter = (
  files: ImageFiles,
  signal?: AbortSignal,
) => Promise<{ fingerprint: string; size: number }>

export interface ResolveDesiredOptions {
  signal?: AbortSignal | undefined
  /** Reads and hashes the files of a source. */
  fingerprint: Fingerprinter
}

/**
 * Reads every source of the manifest once, and says what each server shall have.
 *
 * @throws {ManifestError} with all sources that cannot be read or are not what the manifest says
 */
export async function resolveDesired(manifest: Manifest, options: ResolveDesiredOptions): Promise<Desired> {
  const problems: Problem[] = []
  const present = manifest.images.filter((image): image is PresentImage => image.state === 'present')
  const known = await readSources(manifest, present, options, problems)
  const images = joinImages(manifest.file, known, problems)
  if (problems.length > 0) throw new ManifestError(problems)
  const absent = manifest.images.filter((image): image is AbsentImage => image.state === 'absent')
  const servers = manifest.servers.map(
    ({ name }): DesiredServer => ({
      name,
      images: images.get(name) ?? [],
      absent: absent
        .filter(({ servers }) => servers.includes(name))
        .map((image) => ({ name: image.name, aliases: image.aliases.map((alias) => alias.name) })),
      retention: known
        .filter(({ image }) => image.servers.includes(name))
        .map(({ image, fingerprint }) => {
          const { keep, keepDays } = imageOn(image, name)
          return { name: image.name, fingerprint, keep, keepDays }
        }),
    }),
  )
  return {
    manifest: { file: manifest.file, name: manifest.name },
    // Where old versions may have to go, a server counts also if no image names it any more.
    servers: servers.filter(
      ({ images, absent }) => manifest.prune !== undefined || images.length + absent.length > 0,
    ),
    prune: manifest.prune,
  }
}

async function readSources(
  manifest: Manifest,
  images: readonly PresentImage[],
  { signal, fingerprint }: ResolveDesiredOptions,
  problems: Problem[],
): Promise<KnownImage[]> {
  const contents = new Map<string, Promise<{ fingerprint: string; size: number }>>()
  const known: KnownImage[] = []
  for (const image of images) {
    const files = filesOf(image.source)
    const key = JSON.stringify(files)
    const content = contents.get(key) ?? fingerprint(files, signal)
    contents.set(key, content)
    try {
      const { size, fingerprint: actual } = await content
      const expected = image.source.sha256
      if (expected !== undefined && expected !== actual) {
        const message = `image "${image.name}" is not what "sha256" says: its content is ${actual}`
        problems.push({ file: manifest.file, at: image.source.at, message })
      } else known.push({ image, fingerprint: actual, size, files })
    } catch (error) {
      signal?.throwIfAborted()
      const message = error instanceof Error ? error.message : String(error)
      problems.push({ file: manifest.file, at: image.source.at, message })
    }
  }
  return known
}

function filesOf(source: FileSource): ImageFiles {
  if (source.kind === 'file') return { kind: 'unified', file: source.file }
  const { metadata, rootfs, type } = source
  return { kind: 'split', metadata, rootfs, ...(type === undefined ? {} : { type }) }
}
