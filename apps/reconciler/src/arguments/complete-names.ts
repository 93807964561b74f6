import { shortFingerprint } from '@hyperkit/core/parts'
import { loadManifest, type Manifest, readHistory } from '@hyperkit/reconcile'
import type { Candidate, CandidateSource, UnfinishedLine } from '@hyperkit/script'
import { readPaths } from './read-input.ts'

/** The servers of the manifest, and their labels. */
export const completeServers: CandidateSource = async (line) => {
  const { servers } = await load(line)
  const labels = servers.flatMap((server) =>
    Object.entries(server.labels ?? {}).map(([key, value]) => `${key}=${value}`),
  )
  return [
    ...servers.map(({ name }) => ({ word: name, description: 'server' })),
    ...[...new Set(labels)].map((word) => ({ word, description: 'servers with this label' })),
  ]
}

/** The images of the manifest. */
export const completeImages: CandidateSource = async (line) =>
  unique((await load(line)).images.map(({ name }) => ({ word: name, description: '' })))

/** The names of the manifest's images, and their other aliases. */
export const completeAliases: CandidateSource = async (line) =>
  unique(
    (await load(line)).images.flatMap((image) => [
      { word: image.name, description: '' },
      ...('aliases' in image ? image.aliases : []).map(({ name }) => ({
        word: name,
        description: image.name,
      })),
    ]),
  )

/** The versions of an image to which its alias can be rolled back, as its servers have them. */
export const completeVersions: CandidateSource = async (line) => {
  const [image] = [...line.valuesOf('image'), ...line.valuesOf('alias')]
  const history = await readHistory(await load(line), {
    signal: line.signal,
    image,
    servers: line.valuesOf('server'),
  })
  const versions = history.servers.flatMap(({ images }) => images.flatMap((each) => each.versions))
  return unique(
    versions
      .filter(({ aliases }) => !aliases.includes(image ?? ''))
      .map(({ fingerprint, uploadedAt }) => ({
        word: shortFingerprint(fingerprint),
        description: uploadedAt ?? '',
      })),
  )
}

function load({ valuesOf }: UnfinishedLine): Promise<Manifest> {
  return loadManifest(readPaths({ manifest: valuesOf('manifest')[0], file: valuesOf('file') }))
}

function unique(candidates: readonly Candidate[]): Candidate[] {
  return [...new Map(candidates.map((candidate) => [candidate.word, candidate])).values()]
}
