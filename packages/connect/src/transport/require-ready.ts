import type { Transport } from '@hyperkit/core'
import { askForServer } from './ask-for-server.ts'

/**
 * Asks a member for `GET /1.0`: a daemon that starts or ends makes connections, and answers 503 to everything.
 *
 * @throws if the answer is not that of a server that is ready, or does not come in time
 */
export async function requireReady(transport: Transport, signal: AbortSignal | undefined): Promise<void> {
  const { status } = await askForServer(transport, signal)
  if (!isReady(status)) throw unready(status)
}

/** Whether a server that works gave the answer to `GET /1.0`. It may refuse this client: to some tokens it answers 401 or 403. */
export function isReady(status: number): boolean {
  return status === 200 || status === 401 || status === 403
}

export function unready(status: number): Error {
  return new Error(`HTTP ${status} to GET /1.0`)
}
