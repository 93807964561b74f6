import type { Transport } from '@hyperkit/core'
import { recordAsAsked } from '../recording/record-as-asked.ts'
import { detectRuntime, type Runtime } from './detect-runtime.ts'
import { type Endpoint, toEndpoint } from './endpoint.ts'
import type { TransportOptions } from './transport-options.ts'

// Loaded when chosen, so that a bundle for an edge worker starts without node:https.
const transports: Record<Runtime, () => Promise<(endpoint: Endpoint) => Transport>> = {
  bun: async () => (await import('./bun.ts')).createBunTransport,
  deno: async () => (await import('./deno.ts')).createDenoTransport,
  node: async () => (await import('./node.ts')).createNodeTransport,
  edge: async () => (await import('./edge.ts')).createEdgeTransport,
}

/**
 * The transport of this runtime to one server. Nothing is sent before the first request. With `HYPERKIT_RECORD=directory` in
 * the environment everything that is said is recorded; see {@link recordTransport}.
 *
 * @throws ArgumentError options that contradict each other or cannot be read
 * @throws UnsupportedError what this runtime cannot do
 *
 * @example
 * ```ts
 * const transport = await createTransport({ socket: '/var/lib/incus/unix.socket' })
 * ```
 */
export async function createTransport(options: TransportOptions): Promise<Transport> {
  return recordAsAsked(await createUnrecorded(options), options)
}

/** The same, never recorded: for trying where a server is. */
export async function createUnrecorded(options: TransportOptions): Promise<Transport> {
  const endpoint = toEndpoint(options)
  const create = await transports[detectRuntime()]()
  return create(endpoint)
}
