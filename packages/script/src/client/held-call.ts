/** A call that would change something and was not sent. */
export interface HeldCall {
  /** As errors name it. */
  server: string
  method: string
  /** With its query. */
  path: string
  /** Those that say what is to happen: `If-Match`, `X-LXD-…`, `X-Incus-…`. */
  headers: Record<string, string>
  /** JSON; or what stands in its place for bytes; undefined where there is none. */
  body: unknown
}

/** Ends a step of a script under `--dry-run` at its first call that would change something: no answer is made up for it. */
export class HeldCallError extends Error {
  override readonly name = 'HeldCallError'
  readonly call: HeldCall

  constructor(call: HeldCall) {
    super(`Not sent, because of --dry-run: ${call.method} ${call.path}`)
    this.call = call
  }
}
