import { ArgumentError, type Transport } from '@hyperkit/core'
import type { Environment } from '../transport/transport-options.ts'
import { recordTransport } from './record-transport.ts'

/**
 * Records a transport if the environment has `HYPERKIT_RECORD=directory`, with `keepBytes` from `HYPERKIT_RECORD_KEEP`; else
 * gives it back as it is. The commands wrap every transport with it; `connect()` and `createTransport()` read neither variable.
 *
 * @param environment @default the environment of the process; on Deno a variable without a permission to read it counts as not set
 * @throws ArgumentError for a `HYPERKIT_RECORD_KEEP` that is not a number of bytes
 *
 * @example
 * ```ts
 * const client = await connect({ remote: 'prod', wrapTransport: (transport) => recordIfAsked(transport) })
 * ```
 */
export function recordIfAsked(transport: Transport, environment?: Environment): Transport {
  const directory = readVariable('HYPERKIT_RECORD', environment)
  if (directory === undefined || directory === '') return transport
  return recordTransport(transport, { directory, keepBytes: readKeepBytes(environment) })
}

function readKeepBytes(environment: Environment | undefined): number {
  const text = readVariable('HYPERKIT_RECORD_KEEP', environment) || '0'
  const size = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(size)) return size
  throw new ArgumentError(
    'HYPERKIT_RECORD_KEEP',
    `Cannot record with HYPERKIT_RECORD_KEEP=${JSON.stringify(text)}: it must be a number of bytes, such as 1048576`,
  )
}

function readVariable(name: string, environment: Environment | undefined): string | undefined {
  if (environment !== undefined) return environment[name]
  const own = (globalThis as { process?: { env?: Environment } }).process?.env
  return mayRead(name) ? own?.[name] : undefined
}

/** Deno prompts or throws if a variable is read without permission. Without the permission, nothing is recorded. */
function mayRead(variable: string): boolean {
  interface DenoLike {
    permissions: { querySync(query: { name: 'env'; variable: string }): { state: string } }
  }
  const { Deno } = globalThis as { Deno?: DenoLike }
  return Deno === undefined || Deno.permissions.querySync({ name: 'env', variable }).state === 'granted'
}
