import { formatBytes, type Paint } from '@hyperkit/terminal/text'
import type { Plan, PlannedServer } from '../documents/plan.ts'
import { renderMessage } from './render-message.ts'

/** The needed and the free space, if the images do not fit, or probably do not. */
export function renderDoubt(space: PlannedServer['space'], paint: Paint): string[] {
  if (space === undefined || space.bytesFree === null) return []
  const { bytesNeeded, bytesFree, pool, why, lacking } = space
  if (bytesNeeded <= bytesFree || (why === undefined && lacking === undefined)) return []
  const [verb, place] = lacking === undefined ? ['may not', ''] : ['do not', 'the image store in ']
  const free = `${place}pool ${JSON.stringify(pool)} has ${formatBytes(bytesFree)} free`
  const reason = why === undefined ? free : `${free}; ${why}`
  return [
    paint(
      'error',
      `  ! the images ${verb} fit: they need ${formatBytes(bytesNeeded)}, and ${renderMessage(reason)}`,
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
