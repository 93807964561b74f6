import type { Paint } from '@hyperkit/terminal/text'
import { formatBytes } from '@hyperkit/terminal/text'
import type { Plan, PlannedServer } from '../documents/plan.ts'
import { shorten, showName } from './describe-change.ts'
import { renderMessage } from './render-message.ts'

/**
 * The old versions that stay although retention would delete them, and what keeps them; empty if there are none.
 *
 * @param of selects servers; all by default
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
          `${paint('dim', `${server.name}: ${showName(image)} ${shorten(fingerprint)}, ${formatBytes(bytes)}, stays: ${renderMessage(why)}`)}\n`,
      )
    })
    .join('')
}

/**
 * The versions that stay because the server does not show this client whether they are in use. Every plan shows them, because
 * somebody has to give the client that right.
 */
export function renderHidden(plan: Plan, paint: Paint): string {
  return renderSpared(plan, paint, ({ usageHidden }) => usageHidden !== undefined).trimEnd()
}

/** The versions that stay for another reason. */
export function renderHeld(plan: Plan, paint: Paint): string {
  return renderSpared(plan, paint, ({ usageHidden }) => usageHidden === undefined)
}
