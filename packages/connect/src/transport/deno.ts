import type { Transport } from '@hyperkit/core'
import type { Endpoint } from './endpoint.ts'
import { createNodeTransport } from './node.ts'

/**
 * A transport on Deno. It uses node:https, because Deno's own fetch always checks the host name, which the certificate of an LXD or
 * Incus server seldom contains, and drops the `content-length` of a stream.
 */
export function createDenoTransport(endpoint: Endpoint): Transport {
  return createNodeTransport(endpoint, true)
}
