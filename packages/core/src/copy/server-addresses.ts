import type { Client } from '../client.ts'
import { UnsupportedError } from '../errors/errors.ts'

/**
 * The addresses at which another server may reach this one: first the one that this process uses, then those that the server
 * reports (a client over a unix socket knows no other).
 *
 * @throws {UnsupportedError} if the server does not listen on the network
 */
export async function serverAddresses(
  client: Client<boolean>,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  // The addresses may have changed since this client first asked.
  const { addresses } = await client.server({ signal, fresh: true })
  const own = client.origin.startsWith('https://') ? [client.origin] : []
  const urls = [...new Set([...own, ...addresses.map((address) => `https://${address}`)])]
  if (urls.length > 0) return urls
  throw new UnsupportedError(
    `Cannot have another server reach "${client.name}": it does not listen on the network; set core.https_address there`,
    { server: client.name },
  )
}
