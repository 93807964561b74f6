import type { Plan, ServerPlan } from '../documents/plan.ts'
import type { PlannedWave } from '../documents/rollout.ts'
import type { Manifest } from '../manifest/manifest.ts'
import { sortIntoWaves } from './sort-into-waves.ts'

/** What the waves of a manifest are made from. */
type WavyManifest = Pick<Manifest, 'servers' | 'images' | 'prune' | 'rollout'>

/**
 * Adds the waves of its manifest to a plan. They are those of the whole manifest, so that a choice of servers moves none to another
 * wave; waves of which the plan has no server are left out.
 */
export function planRollout(plan: Plan, manifest: WavyManifest): Plan {
  const { rollout } = manifest
  if (rollout === undefined) return plan
  const isChecked = rollout.check !== undefined
  const waves: PlannedWave[] = []
  const planned = plan.servers.map(({ name }) => name)
  for (const { wave, servers: names } of listWaves(manifest, planned)) {
    const servers = plan.servers.filter(({ name }) => names.includes(name))
    waves.push({
      wave,
      servers: names,
      state: stateOf(servers),
      waitsFor: servers.some(hasChanges) ? findHold(waves, isChecked) : null,
    })
  }
  const { pauseOnFailure } = rollout
  return { ...plan, rollout: { checked: isChecked, pauseOnFailure, waves } }
}

/** The waves of a manifest with the servers that a plan has of them, in the plan's order; without those of which it has none. */
export function listWaves(
  manifest: WavyManifest,
  planned: readonly string[],
): Pick<PlannedWave, 'wave' | 'servers'>[] {
  return wavesOf(manifest)
    .map((names, index) => ({ wave: index + 1, servers: planned.filter((name) => names.includes(name)) }))
    .filter(({ servers }) => servers.length > 0)
}

/** Some servers, and all of the waves before theirs: whether those may begin depends on these. */
export function withEarlierWaves(manifest: WavyManifest, servers: readonly string[]): ReadonlySet<string> {
  const waves = wavesOf(manifest)
  const last = waves.findLastIndex((wave) => wave.some((name) => servers.includes(name)))
  return new Set([...servers, ...waves.slice(0, Math.max(0, last)).flat()])
}

function wavesOf(manifest: WavyManifest): string[][] {
  return manifest.rollout === undefined ? [] : sortIntoWaves(takersOf(manifest), manifest.rollout)
}

/** The servers that get images. One that is only the source of others would be a wave in which nothing is tried. */
function takersOf({ servers, images, prune }: WavyManifest): Manifest['servers'] {
  const named = new Set(images.flatMap((image) => image.servers))
  return prune === undefined ? servers.filter(({ name }) => named.has(name)) : servers
}

function stateOf(servers: readonly ServerPlan[]): PlannedWave['state'] {
  if (servers.some(({ status }) => status === 'unread')) return 'unread'
  if (servers.some((server) => server.status === 'planned' && (server.problems ?? []).length > 0))
    return 'failed'
  return servers.some(hasChanges) ? 'changes' : 'in-sync'
}

function hasChanges(server: ServerPlan): boolean {
  return server.status === 'planned' && server.changes.length > 0
}

/** The last of the waves before that is not done. If waves are checked, that is always the one right before. */
function findHold(before: readonly PlannedWave[], isChecked: boolean): number | null {
  const held = before.filter(({ state }) => isChecked || state !== 'in-sync')
  return held.at(-1)?.wave ?? null
}
