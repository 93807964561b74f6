import { ArgumentError } from '@hyperkit/core'
import { processEnvironment } from '../transport/process-environment.ts'
import type { Environment } from '../transport/transport-options.ts'
import { createRecorder, type Recorder } from './create-recorder.ts'

/**
 * Starts a recording if the environment has `HYPERKIT_RECORD=directory`, with `keepBytes` from `HYPERKIT_RECORD_KEEP`. The commands
 * record every transport with it; `connect()` and `createTransport()` read neither variable.
 *
 * @param environment @default the environment of the process; on Deno a variable without a permission to read it counts as not set
 * @returns undefined if the environment does not ask for a recording
 * @throws ArgumentError for a `HYPERKIT_RECORD_KEEP` that is not a number of bytes
 *
 * @example
 * ```ts
 * const recorder = createRecorderIfAsked()
 * const client = await connect({
 *   remote: 'prod',
 *   wrapTransport: (transport) => recorder?.record(transport) ?? transport,
 * })
 * ```
 */
export function createRecorderIfAsked(environment?: Environment): Recorder | undefined {
  const directory = readVariable('HYPERKIT_RECORD', environment)
  if (directory === undefined || directory === '') return undefined
  return createRecorder({ directory, keepBytes: readKeepBytes(environment) })
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
  return mayRead(name) ? processEnvironment()[name] : undefined
}

/** Deno prompts or throws if a variable is read without permission. Without the permission, nothing is recorded. */
function mayRead(variable: string): boolean {
  interface DenoLike {
    permissions: { querySync(query: { name: 'env'; variable: string }): { state: string } }
  }
  const { Deno } = globalThis as { Deno?: DenoLike }
  return Deno === undefined || Deno.permissions.querySync({ name: 'env', variable }).state === 'granted'
}
