/** What a caller can branch on. Codes are stable: a code changes meaning only in a major version. */
export type ErrorCode =
  // the server answered with an error
  | 'not-found'
  | 'not-authorized'
  | 'already-exists'
  | 'precondition-failed'
  | 'ambiguous'
  | 'bad-request'
  | 'unavailable'
  | 'not-implemented'
  | 'server-error'
  // the transport
  | 'unreachable'
  | 'closed-without-answer'
  | 'interrupted'
  | 'timeout'
  | 'certificate-rejected'
  | 'certificate-changed'
  | 'unexpected-answer'
  // operations
  | 'operation-failed'
  | 'operation-cancelled'
  | 'outcome-unknown'
  | 'copy-failed'
  // content
  | 'fingerprint-mismatch'
  | 'list-truncated'
  // a recording that is played back
  | 'not-recorded'
  // the caller
  | 'invalid-argument'
  | 'image-identifier-required'
  | 'invalid-protocol'
  | 'alias-attributes-required'
  | 'invalid-configuration'
  | 'unsupported'
  // the disk (package files)
  | 'file-unreadable'
  | 'file-unwritable'

/** Marks errors of every copy of this package in a process. */
export const brand = Symbol.for('hyperkit.error')

/**
 * The base of every error that Hyperkit throws, except an abort: that rejects with the signal's own reason.
 *
 * Branch on {@link HyperkitError.code}; facts about the failure are fields of the subclasses; what lay below is `cause`.
 *
 * @see {@link isHyperkitError}
 */
export class HyperkitError extends Error {
  override readonly name: string = 'HyperkitError'
  readonly code: ErrorCode
  /** The server as the user knows it: a remote's name, a URL or a socket path. */
  readonly server: string | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; server?: string | undefined } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.server = options.server
    Object.defineProperty(this, brand, { value: true })
  }
}
