import type { Transport } from '@hyperkit/core'
import { detectRuntime, type Runtime } from './detect-runtime.ts'
import { type Endpoint, toEndpoints } from './endpoint.ts'
import { nameProxy } from './name-proxy.ts'
import { type OpenTransport, toOpenTransport } from './open-transport.ts'
import type { ClusterTransportOptions, TransportOptions } from './transport-options.ts'

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
 * its block. With a list of URLs it goes to another member of a cluster when one does not answer.
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
  const [endpoint, ...others] = toEndpoints(options)
  if (endpoint.kind === 'socket' || others.length === 0) return toOpenTransport(await openOne(endpoint))
  if (detectRuntime() === 'edge')
    return toOpenTransport((await import('./edge.ts')).createEdgeTransport(endpoint, others))
  const { createFailoverTransport } = await import('./failover.ts')
  const { name, onSwitch } = options as ClusterTransportOptions
  return toOpenTransport(createFailoverTransport([endpoint, ...others], { open: openOne, name, onSwitch }))
}

async function openOne(endpoint: Endpoint): Promise<Transport> {
  const transport = await transports[detectRuntime()](endpoint)
  const proxy = endpoint.kind === 'url' ? endpoint.proxy : undefined
  return proxy === undefined ? transport : nameProxy(transport, proxy)
}
