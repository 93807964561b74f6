import * as v from 'valibot'
import { manifestSchema, type WrittenManifest } from './manifest-schema.ts'
import type { Path } from './read-value.ts'
import { isLabelText } from './server-schema.ts'

/**
 * The part of a manifest with wrong types that can still be checked, so that its other mistakes are reported in the same run:
 * what is wrong is replaced by something harmless of the same name. Undefined if too little is left.
 */
export function salvageManifest(value: unknown, wrong: readonly Path[]): WrittenManifest | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined
  const copy = structuredClone({ ...value }) as Record<string, unknown>
  for (const path of wrong) replace(copy, path)
  const result = v.safeParse(manifestSchema, copy)
  return result.success ? result.output : undefined
}

function replace(manifest: Record<string, unknown>, [top, second]: Path): void {
  if (top === 'version') manifest.version = 1
  if (top === 'name') manifest.name = 'unknown'
  if (top === 'defaults') delete manifest.defaults
  if (top === 'notify') delete manifest.notify
  if (top === 'rollout') delete manifest.rollout
  if (top === 'policy') delete manifest.policy
  if (top === 'servers' && second !== undefined && isMap(manifest.servers))
    manifest.servers[second] = { remote: 'unknown', ...labelsOf(manifest.servers[second]) }
  if (top === 'images' && typeof second === 'number' && Array.isArray(manifest.images)) {
    const image: unknown = manifest.images[second]
    const name =
      isMap(image) && typeof image.name === 'string' && image.name !== '' ? image.name : `entry ${second + 1}`
    manifest.images[second] = { name, state: 'absent' }
  }
}

/** Keeps the labels: images choose servers by them, whatever else is wrong with the server. */
function labelsOf(server: unknown): { labels?: Record<string, string> } {
  if (!isMap(server) || !isMap(server.labels)) return {}
  const pairs = Object.entries(server.labels).map(([key, value]) => [key, String(value)] as const)
  return { labels: Object.fromEntries(pairs.filter((pair) => pair.every(isLabelText))) }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
