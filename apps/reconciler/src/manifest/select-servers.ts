import { HyperkitError } from '@hyperkit/core'
import { nearestName } from '@hyperkit/terminal/text'
import type { Manifest } from './manifest.ts'

/** What a run is narrowed to; an empty list: everything. */
export interface Selection {
  /** Names of images. */
  targets: readonly string[]
  servers: readonly string[]
}

/** @throws {HyperkitError} `invalid-argument` for a name that the manifest does not have */
export function checkSelection(manifest: Manifest, { targets, servers }: Selection): void {
  const images = manifest.images.map(({ name }) => name)
  for (const name of targets) refuseUnknown('image', name, images, manifest.file)
  const known = manifest.servers.map(({ name }) => name)
  for (const name of servers) refuseUnknown('server', name, known, manifest.file)
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
