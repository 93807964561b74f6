import type { Environment } from './transport-options.ts'

/** The environment of the process; empty on an edge worker, which has none. */
export function processEnvironment(): Environment {
  return (globalThis as { process?: { env?: Environment } }).process?.env ?? {}
}
