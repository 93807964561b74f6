import type { Paint } from '@hyperkit/terminal/text'
import { formatBytes } from '@hyperkit/terminal/text'
import type { Plan, PlannedServer } from '../documents/plan.ts'
import { shorten, showName } from './describe-change.ts'

/**
 * The old versions that stay although retention would let them go, and what holds them; empty where there are none.
 *
 * @param of only of some servers
 */
export function renderSpared(
  plan: Plan,
  paint: Paint,
  of: (server: PlannedServer) => boolean = () => true,
): string {
  return plan.servers
    .flatMap((server) => {
      if (server.status === 'unread' || !of(server)) return []
      return (server.spared ?? []).map(
        ({ image, fingerprint, bytes, why }) =>
          `${paint('dim', `${server.name}: ${showName(image)} ${shorten(fingerprint)}, ${formatBytes(bytes)}, stays: ${why}`)}\n`,
      )
    })
    .join('')
}

/** Those that stay because the server does not show this client who uses them: every plan has them, as somebody has to do something about it. */
export function renderHidden(plan: Plan, paint: Paint): string {
  return renderSpared(plan, paint, ({ usageHidden }) => usageHidden !== undefined).trimEnd()
}

/** The others. */
export function renderHeld(plan: Plan, paint: Paint): string {
  return renderSpared(plan, paint, ({ usageHidden }) => usageHidden === undefined)
}
