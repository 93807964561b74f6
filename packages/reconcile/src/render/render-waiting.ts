import { showText } from '@hyperkit/terminal/text'
import type { LockHolder } from '../ownership/lock-alias.ts'

/** One line while another run holds the lock of a server. */
export function renderWaiting(server: string, { owner, expiresAt }: LockHolder): string {
  return `${server}: waiting for the lock, which ${showText(owner)} holds until ${expiresAt.toISOString()}`
}
