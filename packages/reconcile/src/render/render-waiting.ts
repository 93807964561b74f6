import { showText } from '@hyperkit/terminal/text'
import type { LockHolder } from '../ownership/lock-alias.ts'

/** One line while another run holds the lock of a server. */
export function renderWaiting(server: string, holder: LockHolder): string {
  const { owner, expiresAt } = holder
  return `${server}: waiting for the lock, which ${showText(owner)} holds until ${expiresAt.toISOString()}${explainClaim(holder)}`
}

/** What follows the end of a lock that was written by a wrong clock. */
export function explainClaim({ claimed }: LockHolder): string {
  if (claimed === undefined) return ''
  return `, not until ${claimed.toISOString()} as the lock says: the clock of that run is ahead of the server’s`
}
