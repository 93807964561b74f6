import { HyperkitError } from '@hyperkit/core'

/** A call that would change something and was not sent. */
export interface HeldCall {
  /** As errors name it. */
  server: string
  method: string
  /** With its query. */
  path: string
  /** Those that say what is to happen: `If-Match`, `X-LXD-…`, `X-Incus-…`. */
  headers: Record<string, string>
  /** JSON, or a placeholder for bytes; undefined if there is none. */
  body: unknown
}

/**
 * Ends a step of a script under `--dry-run` at its first call that would change something, because there is no answer to
 * give. It is an error of core's class, because core passes those on unchanged.
 */
export class HeldCallError extends HyperkitError {
  override readonly name = 'HeldCallError'
  readonly call: HeldCall

  constructor(call: HeldCall) {
    super('unsupported', `Not sent, because of --dry-run: ${call.method} ${call.path}`, {
      server: call.server,
    })
    this.call = call
  }
}

/** Whether this is the end of such a step, also below another error. */
export function isHeldCall(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof HeldCallError) return true
  }
  return false
}
