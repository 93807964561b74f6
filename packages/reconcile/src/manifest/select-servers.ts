import { HyperkitError } from '@hyperkit/core'
import { nearestName } from '@hyperkit/terminal/text'
import { hasLabels, knownLabels } from './choose-servers.ts'
import type { Manifest } from './manifest.ts'

/** What a run is narrowed to; an empty list: everything. */
export interface Selection {
  /** Names of images. */
  targets: readonly string[]
  /** Names of servers, or labels that they have: `tier=edge`, `tier=edge,site=berlin`. */
  servers: readonly string[]
}

/**
 * Refuses names of images and servers that a manifest does not have.
 *
 * @throws {HyperkitError} `invalid-argument` for a name that the manifest does not have
 */
export function checkSelection(manifest: Manifest, { targets, servers }: Selection): void {
  const images = manifest.images.map(({ name }) => name)
  for (const name of targets) refuseUnknown('image', name, images, manifest.file)
  findServers(manifest, servers)
}

/**
 * The names of the servers that are named, or have all the labels of one of the texts; none where nothing is given.
 *
 * @throws {HyperkitError} `invalid-argument` for a name that the manifest does not have, and labels that no server has
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

/** `tier=edge,site=berlin`; undefined for what is no such text. */
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
        ? 'its servers have no "labels"'
        : `labels are ${known.slice(0, 20).join(', ')}`
  return new HyperkitError('invalid-argument', `No server in "${file}" has ${text}: ${hint}`)
}

/**
 * The manifest for some of its servers only: no other is asked, and no source is read that only others need. The other
 * servers stay known.
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
        ? `known are ${known.join(', ')}`
        : `it has ${known.length}`
  throw new HyperkitError('invalid-argument', `Unknown ${kind} "${name}" in "${file}": ${hint}`)
}
