import type { Transport } from '@hyperkit/core'
import { detectRuntime, type Runtime } from './detect-runtime.ts'
import { type Endpoint, toEndpoint } from './endpoint.ts'
import { nameProxy } from './name-proxy.ts'
import { type OpenTransport, toOpenTransport } from './open-transport.ts'
import type { TransportOptions } from './transport-options.ts'

// Loaded when chosen, so that a bundle for an edge worker, and a command on Bun, start without node:https.
const transports: Record<Runtime, (endpoint: Endpoint) => Promise<Transport>> = {
  bun: async (endpoint) =>
    endpoint.kind === 'socket'
      ? (await import('./bun-socket.ts')).createBunSocketTransport(endpoint)
      : (await import('./bun.ts')).createBunTransport(endpoint),
  deno: async (endpoint) => (await import('./deno.ts')).createDenoTransport(endpoint),
  node: async (endpoint) => (await import('./node.ts')).createNodeTransport(endpoint),
  edge: async (endpoint) => (await import('./edge.ts')).createEdgeTransport(endpoint),
}

/**
 * Makes the transport of this runtime to one server. Nothing is sent before the first request. `await using` closes it at the end of
 * its block.
 *
 * @throws ArgumentError for options that contradict each other or cannot be read
 * @throws UnsupportedError for what this runtime cannot do
 *
 * @example
 * ```ts
 * const transport = await createTransport({ socket: '/var/lib/incus/unix.socket' })
 * ```
 */
export async function createTransport(options: TransportOptions): Promise<OpenTransport> {
  const endpoint = toEndpoint(options)
  const transport = await transports[detectRuntime()](endpoint)
  const proxy = endpoint.kind === 'url' ? endpoint.proxy : undefined
  return toOpenTransport(proxy === undefined ? transport : nameProxy(transport, proxy))
}
