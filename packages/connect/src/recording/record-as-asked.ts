import { ArgumentError, type Transport } from '@hyperkit/core'
import type { Environment, TransportOptions } from '../transport/transport-options.ts'
import { recordTransport } from './record-transport.ts'

/** The transport, recorded if the environment asks for it. */
export function recordAsAsked(transport: Transport, options: TransportOptions): Transport {
  const directory = variable('HYPERKIT_RECORD', options)
  if (directory === undefined || directory === '') return transport
  const secrets = [
    ...(typeof options.token === 'string' ? [options.token] : []),
    ...(options.clientCertificate === undefined ? [] : [options.clientCertificate.key]),
  ]
  return recordTransport(transport, { directory, keepBytes: keepBytes(options), secrets })
}

function keepBytes(options: TransportOptions): number {
  const text = variable('HYPERKIT_RECORD_KEEP', options) || '0'
  const size = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(size)) return size
  throw new ArgumentError(
    'HYPERKIT_RECORD_KEEP',
    `Cannot keep ${JSON.stringify(text)}: HYPERKIT_RECORD_KEEP is a number of bytes, such as 1048576`,
  )
}

function variable(name: string, { environment }: { environment?: Environment }): string | undefined {
  const own = (globalThis as { process?: { env?: Environment } }).process?.env
  const chosen = environment ?? own
  return chosen === own && !mayRead(name) ? undefined : chosen?.[name]
}

/** Deno asks its user, or throws, when a variable is read without permission; who did not permit it records nothing. */
function mayRead(variable: string): boolean {
  interface DenoLike {
    permissions: { querySync(query: { name: 'env'; variable: string }): { state: string } }
  }
  const { Deno } = globalThis as { Deno?: DenoLike }
  return Deno === undefined || Deno.permissions.querySync({ name: 'env', variable }).state === 'granted'
}
