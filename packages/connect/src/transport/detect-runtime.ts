export type Runtime = 'bun' | 'deno' | 'node' | 'edge'

/** The runtime underneath: the one place that looks. What is none of the three is taken for an edge worker. */
export function detectRuntime(): Runtime {
  const globals = globalThis as { Bun?: unknown; Deno?: unknown; navigator?: { userAgent?: string } }
  if (globals.Bun !== undefined) return 'bun'
  if (globals.Deno !== undefined) return 'deno'
  // workerd shows a process.versions.node of its own when its Node compatibility is on.
  if (globals.navigator?.userAgent === 'Cloudflare-Workers') return 'edge'
  const versions = (globalThis as { process?: { versions?: { node?: string } } }).process?.versions
  return versions?.node === undefined ? 'edge' : 'node'
}
