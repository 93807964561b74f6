import { HyperkitError } from '@hyperkit/core'

/** A call that `--dry-run` did not send because it would change something. */
export interface HeldCall {
  /** The name of the server, as in errors. */
  server: string
  method: string
  /** The path with its query. */
  path: string
  /** The headers that affect the change: `If-Match`, `X-LXD-…`, `X-Incus-…`. */
  headers: Record<string, string>
  /** JSON, or a placeholder for bytes; undefined if there is none. */
  body: unknown
}

/**
 * Ends a step of a script under `--dry-run` at its first call that would change something, because there is no answer to
 * that call. It extends the error class of core, because core passes such errors on unchanged.
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

/** Whether the error is a {@link HeldCallError}, or has one among its causes. */
export function isHeldCall(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof HeldCallError) return true
  }
  return false
}
