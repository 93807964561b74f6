import { formatBytes, type Paint } from '@hyperkit/terminal/text'
import type { Plan, PlannedServer } from '../documents/plan.ts'
import { renderMessage } from './render-message.ts'

/** A warning if the images probably do not fit. */
export function renderDoubt(space: PlannedServer['space'], paint: Paint): string[] {
  if (space === undefined || space.bytesFree === null || space.why === undefined) return []
  const { bytesNeeded, bytesFree, pool, why } = space
  if (bytesNeeded <= bytesFree) return []
  const free = `pool ${JSON.stringify(pool)} has ${formatBytes(bytesFree)} free`
  return [
    paint(
      'error',
      `  ! the images may not fit: they need ${formatBytes(bytesNeeded)}, and ${renderMessage(`${free}; ${why}`)}`,
    ),
  ]
}

/** The servers whose free space cannot be seen, once for all with the same reason. */
export function renderUnseenSpace(plan: Plan): string {
  const reasons = new Map<string, string[]>()
  for (const server of plan.servers)
    if (server.status === 'planned' && server.space?.bytesFree === null) {
      const { why = '' } = server.space
      reasons.set(why, [...(reasons.get(why) ?? []), server.name])
    }
  return [...reasons]
    .map(
      ([why, names]) =>
        `The free space for images on ${names.join(', ')} cannot be seen: ${renderMessage(why)}.`,
    )
    .join('\n')
}
