import { formatBytes } from '@hyperkit/terminal/text'
import type { Plan } from '../plan/plan.ts'
import { shorten, showName } from './describe-change.ts'
import type { Paint } from './paint.ts'

/** The old versions that stay although retention would let them go, and what holds them; empty where there are none. */
export function renderSpared(plan: Plan, paint: Paint): string {
  return plan.servers
    .flatMap((server) => {
      const spared = server.status === 'planned' ? (server.spared ?? []) : []
      return spared.map(
        ({ image, fingerprint, bytes, why }) =>
          `${paint('dim', `${server.name}: ${showName(image)} ${shorten(fingerprint)}, ${formatBytes(bytes)}, stays: ${why}`)}\n`,
      )
    })
    .join('')
}
