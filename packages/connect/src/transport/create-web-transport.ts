import { createTransport } from './create-transport.ts'
import type { OpenTransport } from './open-transport.ts'
import type { UrlTransportOptions } from './transport-options.ts'

/**
 * Makes a transport to a web server. Its default port is that of the web; that of {@link createTransport} is the port of the API,
 * 8443.
 */
export function createWebTransport(
  { protocol, hostname, port, host }: URL,
  options: Omit<UrlTransportOptions, 'url' | 'socket'>,
): Promise<OpenTransport> {
  const url = protocol === 'https:' ? `https://${hostname}:${port || 443}` : `${protocol}//${host}`
  return createTransport({ ...options, url })
}
