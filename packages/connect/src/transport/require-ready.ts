import type { Transport } from '@hyperkit/core'
import { askForServer } from './ask-for-server.ts'

/**
 * Asks a member for `GET /1.0`: a daemon that starts or ends makes connections, and answers 503 to everything.
 *
 * @throws if the answer is not 200, or does not come in time
 */
export async function requireReady(transport: Transport, signal: AbortSignal | undefined): Promise<void> {
  const { status } = await askForServer(transport, signal)
  if (status !== 200) throw unready(status)
}

export function unready(status: number): Error {
  return new Error(`HTTP ${status} to GET /1.0`)
}
