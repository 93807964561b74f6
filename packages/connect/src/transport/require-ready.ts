import type { Transport } from '@hyperkit/core'
import { connectTimeout } from './limit-connecting.ts'

/**
 * Asks a member for `GET /1.0`: a daemon that starts or ends makes connections, and answers 503 to everything.
 *
 * @throws if the answer is not 200, or does not come in time
 */
export async function requireReady(transport: Transport, signal: AbortSignal | undefined): Promise<void> {
  const limit = AbortSignal.timeout(connectTimeout)
  const answer = await transport.fetch(`${transport.origin}/1.0`, {
    method: 'GET',
    headers: new Headers(),
    redirect: transport.redirect ?? 'error',
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
  })
  await answer.body?.cancel()
  if (answer.status !== 200) throw new Error(`HTTP ${answer.status} to GET /1.0`)
}
