import type { Rollout, WaveSize } from '../manifest/rollout.ts'

/** A server with its labels. */
export interface SortedServer {
  name: string
  labels?: Readonly<Record<string, string>>
}

/**
 * Sorts servers into waves, in the order in which they are given. Each wave takes as many units as its size says; a unit is a server, or
 * with `by` all servers with the same value of that label. There are fewer waves than sizes if the servers do not suffice.
 *
 * @returns the names of the servers of each wave; none is empty
 */
export function sortIntoWaves(
  servers: readonly SortedServer[],
  { waves, by }: Pick<Rollout, 'waves' | 'by'>,
): string[][] {
  const units = new Map<string, string[]>()
  for (const { name, labels = {} } of servers) {
    // No label is empty, so the servers without the label are a unit of their own.
    const key = by === undefined ? name : Object.hasOwn(labels, by) ? (labels[by] ?? '') : ''
    const unit = units.get(key)
    if (unit === undefined) units.set(key, [name])
    else unit.push(name)
  }
  const left = [...units.values()]
  const sorted = waves.map((size) => left.splice(0, countOf(size, units.size)).flat())
  return sorted.filter((wave) => wave.length > 0)
}

/** How many of all units a wave takes, if there are as many. */
function countOf(size: WaveSize, units: number): number {
  if (size === 'rest') return units
  return typeof size === 'number' ? size : Math.max(1, Math.ceil((units * Number.parseInt(size, 10)) / 100))
}
