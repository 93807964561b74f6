import type { Transport } from '@hyperkit/core'
import type { Environment } from '../transport/transport-options.ts'
import { createRecorderIfAsked } from './create-recorder-if-asked.ts'

/**
 * Records a transport if the environment has `HYPERKIT_RECORD=directory`; else gives it back as it is. This is a recording of one
 * transport; {@link createRecorderIfAsked} makes one of several.
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
  return createRecorderIfAsked(environment)?.record(transport) ?? transport
}
