/** The candidate that a mistyped name most likely means; undefined if none is close. */
export function nearestName(given: string, candidates: readonly string[]): string | undefined {
  const wanted = fold(given)
  const ranked = candidates
    .map((name) => ({ name, distance: distance(wanted, fold(name)) }))
    .filter(
      ({ name, distance }) => distance <= Math.max(1, Math.floor(Math.max(name.length, given.length) / 3)),
    )
    .sort((a, b) => a.distance - b.distance)
  return ranked[0]?.name
}

/** Makes `expires_at`, `expires-at` and `ExpiresAt` the same as `expiresAt`. */
function fold(name: string): string {
  return name.toLowerCase().replace(/[-_\s]/g, '')
}

/** How many letters have to be added, removed, replaced or swapped with their neighbour. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const cell = (up: number, left: number): number =>
        (up === 0 ? current : rows[row - up])?.[column - left] ?? 0
      const same = a[row - 1] === b[column - 1]
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      const costs = [cell(1, 0) + 1, cell(0, 1) + 1, cell(1, 1) + (same ? 0 : 1)]
      current.push(Math.min(...costs, ...(swapped ? [cell(2, 2) + 1] : [])))
    }
    rows.push(current)
  }
  return rows[a.length]?.[b.length] ?? 0
}
