import { HyperkitError } from '@hyperkit/core'
import { nearestName } from '@hyperkit/terminal/text'
import { hasLabels, knownLabels } from './choose-servers.ts'
import type { Manifest } from './manifest.ts'

/** What a run is limited to; an empty list means everything. */
export interface Selection {
  /** Names of images. */
  targets: readonly string[]
  /** Names of servers, or labels: `tier=edge`, `tier=edge,site=berlin`. */
  servers: readonly string[]
}

/**
 * Checks that a manifest declares the images and servers of a selection.
 *
 * @throws {HyperkitError} `invalid-argument` for a name that the manifest does not declare, and labels that no server has
 */
export function checkSelection(manifest: Manifest, { targets, servers }: Selection): void {
  const images = manifest.images.map(({ name }) => name)
  for (const name of targets) refuseUnknown('image', name, images, manifest.file)
  findServers(manifest, servers)
}

/**
 * Finds servers by their names or by labels such as `tier=edge,site=berlin`, in the order of the manifest. Nothing given
 * finds none.
 *
 * @throws {HyperkitError} `invalid-argument` for a name that the manifest does not declare, and labels that no server has
 */
export function findServers({ servers, file }: Manifest, given: readonly string[]): string[] {
  const known = servers.map(({ name }) => name)
  const found = new Set(
    given.flatMap((text) => {
      const wanted = known.includes(text) ? undefined : readLabels(text)
      if (wanted === undefined) {
        refuseUnknown('server', text, known, file)
        return [text]
      }
      const names = servers.filter(({ labels = {} }) => hasLabels(labels, wanted)).map(({ name }) => name)
      if (names.length === 0) throw noSuchLabels(text, servers, file)
      return names
    }),
  )
  return known.filter((name) => found.has(name))
}

/** Reads `tier=edge,site=berlin`; undefined if the text has another form. */
function readLabels(text: string): Record<string, string> | undefined {
  const pairs = text.split(',').map((part) => /^([^\s=,]+)=([^\s=,]+)$/.exec(part.trim()))
  if (pairs.some((pair) => pair === null)) return undefined
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']))
}

function noSuchLabels(text: string, servers: Manifest['servers'], file: string): HyperkitError {
  const known = knownLabels(servers.map(({ labels = {} }) => labels))
  const nearest = nearestName(text, known)
  const hint =
    nearest !== undefined
      ? `did you mean ${nearest}?`
      : known.length === 0
        ? 'the servers have no "labels"'
        : `known labels: ${known.slice(0, 20).join(', ')}`
  return new HyperkitError('invalid-argument', `No server in "${file}" has ${text}: ${hint}`)
}

/**
 * Limits a manifest to some of its servers: no other server is asked, and no source is read that only others need. The
 * other servers stay declared.
 */
export function selectServers(manifest: Manifest, servers: readonly string[]): Manifest {
  if (servers.length === 0) return manifest
  const images = manifest.images
    .map((image) => ({ ...image, servers: image.servers.filter((name) => servers.includes(name)) }))
    .filter((image) => image.servers.length > 0)
  return { ...manifest, images }
}

function refuseUnknown(kind: 'image' | 'server', name: string, known: readonly string[], file: string): void {
  if (known.includes(name)) return
  const nearest = nearestName(name, known)
  const hint =
    nearest !== undefined
      ? `did you mean "${nearest}"?`
      : known.length > 0 && known.length <= 20
        ? `known ${kind}s: ${known.join(', ')}`
        : `the manifest has ${known.length} ${kind}s`
  throw new HyperkitError('invalid-argument', `Unknown ${kind} "${name}" in "${file}": ${hint}`)
}
