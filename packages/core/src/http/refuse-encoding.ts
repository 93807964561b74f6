import { TransportError } from '../errors/errors.ts'
import type { Transport } from '../transport/transport.ts'
import type { Call } from './call.ts'
import { discardBody } from './discard-body.ts'

/**
 * Refuses an encoded answer. LXD and Incus encode none, and no client asks for it; a megabyte of one can become a gigabyte.
 *
 * A transport over the `fetch` of a browser or an edge worker hands over what its platform has decoded, sometimes with the header. What it
 * hands over is limited like any other answer.
 *
 * @throws {TransportError} `unexpected-answer`
 */
export async function refuseEncoding(response: Response, transport: Transport, call: Call): Promise<void> {
  const encoding = response.headers.get('content-encoding')?.trim().toLowerCase() ?? ''
  if (transport.decodes || encoding === '' || encoding === 'identity') return
  await discardBody(response)
  throw new TransportError(
    'unexpected-answer',
    `Cannot ${call.action} on "${transport.name}": the answer is encoded as ${JSON.stringify(encoding.slice(0, 100))}, which LXD and Incus never do and this client did not ask for; is there a proxy in between?`,
    { server: transport.name, request: { method: call.method, path: call.path } },
  )
}
