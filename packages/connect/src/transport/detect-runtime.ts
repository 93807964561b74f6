export type Runtime = 'bun' | 'deno' | 'node' | 'edge'

/** Detects the runtime; nothing else in this package does. A runtime that is none of the three counts as an edge worker. */
export function detectRuntime(): Runtime {
  const globals = globalThis as { Bun?: unknown; Deno?: unknown; navigator?: { userAgent?: string } }
  if (globals.Bun !== undefined) return 'bun'
  if (globals.Deno !== undefined) return 'deno'
  // workerd has a process.versions.node too when its Node compatibility is on.
  if (globals.navigator?.userAgent === 'Cloudflare-Workers') return 'edge'
  const versions = (globalThis as { process?: { versions?: { node?: string } } }).process?.versions
  return versions?.node === undefined ? 'edge' : 'node'
}
