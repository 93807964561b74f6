/** What a caller can branch on. Codes are stable: a code changes meaning only in a major version. docs/errors.md is made of the comments here. */
export type ErrorCode =
  // An answer of the server, or what follows from several
  /**
   * No such image, alias, operation or project; also a private image, for a client that may not see it. Then: check the
   * name, the server and the project.
   */
  | 'not-found'
  /**
   * The server does not trust this client, or not for this project; a wrong password; a token that is not taken; or the
   * client is shown only a part of what the call has to know, so that "not there" cannot be told from "not shown". Then:
   * follow the message, which says what is missing: trust this client with `trust()` of @hyperkit/connect, or ask whoever
   * administers the server.
   */
  | 'not-authorized'
  /**
   * The alias, image, certificate or remote is there already. Then: choose another name, or use the call that takes it
   * over: `aliases.set`, `reuseAliases`.
   */
  | 'already-exists'
  /** Somebody changed it after it was read, or a plan no longer fits what is there. Then: read or plan again, then repeat. */
  | 'precondition-failed'
  /**
   * Several images fit: their fingerprints begin the same way, or the name is there for several architectures or types.
   * Then: give more characters, the architecture or the type.
   */
  | 'ambiguous'
  /**
   * The server refuses what was asked, or cannot cancel the operation. Then: read the server's own words in
   * `serverMessage`.
   */
  | 'bad-request'
  /**
   * The server is starting or stopping, waits for a member of its cluster, or could not read one of its instances. Then:
   * repeat it later.
   */
  | 'unavailable'
  /** This server has no such call. Then: update the server. */
  | 'not-implemented'
  /**
   * Any other failure that the server reports, with `status`, `errorCode` and `serverMessage`. Then: look into the
   * server's log.
   */
  | 'server-error'
  // The connection
  /**
   * No connection was made: address, port, socket or host name. Nothing was sent. Then: check the address and whether the
   * server runs.
   */
  | 'unreachable'
  /**
   * The connection was closed before an answer came. A change may have been made or not; reads were repeated already.
   * Then: look at the server before you repeat a change.
   */
  | 'closed-without-answer'
  /**
   * The answer broke off in the middle; in the JSON of a command, also what an interrupt (Ctrl+C) ended. Then: repeat it;
   * `saveImage` of @hyperkit/files resumes.
   */
  | 'interrupted'
  /**
   * No answer came in time, or the wait for an operation reached its limit; the operation goes on. Then: wait again, or
   * allow more time: `requestTimeout`, `wait({ timeout })`, `--timeout`.
   */
  | 'timeout'
  /**
   * No authority that this client trusts vouches for the certificate of the server. Then: pin the certificate, if its
   * fingerprint is the right one.
   */
  | 'certificate-rejected'
  /**
   * The server shows another certificate than the pinned one; `expected` and `actual` are their fingerprints. Then: find
   * out why before you pin the new one.
   */
  | 'certificate-changed'
  /**
   * The answer is not one of an LXD or Incus server or of a simplestreams server. Then: check the address and port; a
   * proxy may have answered.
   */
  | 'unexpected-answer'
  // Operations and copies
  /**
   * The work on the server ended with a failure; `operation.error` has the server's words. Then: mend the cause, then
   * repeat it.
   */
  | 'operation-failed'
  /** The operation was cancelled, by this client or another. Then: repeat it. */
  | 'operation-cancelled'
  /**
   * The server forgot the operation or went away, so that nobody can tell how it ended; `verify` says what to look at.
   * Then: look, then decide.
   */
  | 'outcome-unknown'
  /**
   * No way between the two servers worked; `tried` has each way with its own error. Then: read the errors in `tried`; the
   * last one is also `cause`.
   */
  | 'copy-failed'
  // Content
  /**
   * The bytes are not those of the expected image; nothing of them is kept. Then: transfer it again; check the source and
   * the disk if it comes again.
   */
  | 'fingerprint-mismatch'
  /**
   * The listing took so long that the server may have left some images out. Then: give a narrower `filter`, or repeat it
   * at a quieter time.
   */
  | 'list-truncated'
  /** The recording that is played back has no such request. Then: record it anew, or ask as it was recorded. */
  | 'not-recorded'
  // The caller
  /** An argument that cannot be meant. Nothing was sent. Then: correct the `argument` that the message names. */
  | 'invalid-argument'
  /** Neither a fingerprint nor an alias was given. Then: give one of them. */
  | 'image-identifier-required'
  /** A protocol that the server does not speak. Then: use one of those in the message. */
  | 'invalid-protocol'
  /** An alias without a target, or an update without a change. Then: give the target or the change. */
  | 'alias-attributes-required'
  /**
   * A client configuration, manifest, certificate or recording that cannot be used. Then: mend the file that the message
   * names.
   */
  | 'invalid-configuration'
  /**
   * This server or this runtime cannot do it. Nothing was sent. Then: follow the message: it names the missing extension,
   * or another way.
   */
  | 'unsupported'
  // The disk
  /** A file cannot be read. Then: check the path in the message and its permissions. */
  | 'file-unreadable'
  /** A file cannot be written. Then: check the path in the message, its permissions and the space on the disk. */
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
