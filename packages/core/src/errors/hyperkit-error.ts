import { hideSecrets } from '../model/hide-secrets.ts'
import { writeOut } from '../model/write-out.ts'

/** What a caller can branch on. A code changes its meaning only in a major version. docs/errors.md is made from the comments here. */
export type ErrorCode =
  // Answers of the server
  /**
   * There is no such image, alias, operation or project, or it is a private image that this client may not see. Then: check
   * the name, the server and the project.
   */
  | 'not-found'
  /**
   * The server does not trust this client, or not for this project; the password is wrong; the token is not accepted; or the
   * server shows this client only a part, so that a missing thing may be a hidden one. Then: follow the message, which says
   * what is missing: enrol this client with `trust()` of @hyperkit/connect, or ask the administrator of the server.
   */
  | 'not-authorized'
  /**
   * The alias, image, certificate or remote exists already. Then: choose another name, or use the call that takes it over:
   * `aliases.set`, `reuseAliases`.
   */
  | 'already-exists'
  /** It was changed after it was read, or a plan no longer matches the server. Then: read or plan again, then repeat. */
  | 'precondition-failed'
  /**
   * Several images match: their fingerprints begin in the same way, or the name exists for several architectures or types.
   * Then: give more characters, the architecture or the type.
   */
  | 'ambiguous'
  /**
   * The server refuses the request, or cannot cancel the operation. Then: read the server's own words in `serverMessage`.
   */
  | 'bad-request'
  /**
   * The server is starting or stopping, waits for a member of its cluster, or cannot read one of its instances. Then: repeat
   * the call later.
   */
  | 'unavailable'
  /** This server does not have the call. Then: update the server. */
  | 'not-implemented'
  /**
   * Any other failure that the server reports, with `status`, `errorCode` and `serverMessage`. Then: read the
   * server's log.
   */
  | 'server-error'
  // The connection
  /**
   * No connection was made, because of the address, port, socket or host name. Nothing was sent. Then: check the address and
   * whether the server is running.
   */
  | 'unreachable'
  /**
   * The connection was closed before an answer came. A change may or may not have been made; reads were repeated already.
   * Then: check the server before you repeat a change.
   */
  | 'closed-without-answer'
  /**
   * The answer broke off in the middle, or, in the JSON of a command, an interrupt (Ctrl+C) ended the work. Then: repeat it;
   * `saveImage` of @hyperkit/files resumes.
   */
  | 'interrupted'
  /**
   * No answer came in time, or the wait for an operation reached its limit; the operation goes on. Then: wait again, or
   * allow more time: `answerTimeout`, `wait({ timeout })`, `--timeout`.
   */
  | 'timeout'
  /**
   * The certificate of the server is not signed by an authority that this client trusts. Then: pin the certificate, if its
   * fingerprint is the right one.
   */
  | 'certificate-rejected'
  /**
   * The certificate of the server is not the pinned one; `expected` and `actual` are the fingerprints. Then: find out why
   * before you pin the new one.
   */
  | 'certificate-changed'
  /**
   * The answer is not from an LXD or Incus server, or not from a simplestreams server or a registry. Then: check the address and port; a
   * proxy may have answered.
   */
  | 'unexpected-answer'
  /**
   * The answer is longer than the limit for documents, and was not read to its end. Then: check the address; if the server really has
   * so much to say, set a higher limit: `maxDocument`, `--max-document`.
   */
  | 'answer-too-long'
  // Operations and copies
  /**
   * The operation on the server failed; `operation.error` has the server's words. Then: fix the cause and repeat it.
   */
  | 'operation-failed'
  /** The operation was cancelled, by this client or another. Then: repeat it. */
  | 'operation-cancelled'
  /**
   * The server forgot the operation or went away, so it is not known how the operation ended; `verify` says what to check.
   * Then: check that, then decide.
   */
  | 'outcome-unknown'
  /**
   * No mode of the copy worked; `tried` has each mode with its error. Then: read the errors in `tried`; the last one is also
   * `cause`.
   */
  | 'copy-failed'
  // Content
  /**
   * The bytes are not those of the expected image, and are not kept. Then: transfer it again; if that fails too, check the
   * source and the disk.
   */
  | 'fingerprint-mismatch'
  /**
   * The listing took so long that the server may have left some images out. Then: give a narrower `filter`, or repeat it
   * at a quieter time.
   */
  | 'list-truncated'
  /** The recording has no such request. Then: record it again, or send the requests as they were recorded. */
  | 'not-recorded'
  // Arguments
  /** An argument is wrong. Nothing was sent. Then: correct the `argument` that the message names. */
  | 'invalid-argument'
  /** Neither a fingerprint nor an alias was given. Then: give one of them. */
  | 'image-identifier-required'
  /** The server does not support the protocol. Then: use one of those in the message. */
  | 'invalid-protocol'
  /** An alias has no target, or an update no change. Then: give the target or the change. */
  | 'alias-attributes-required'
  /**
   * A client configuration, manifest, certificate or recording cannot be used. Then: correct the file that the message names.
   */
  | 'invalid-configuration'
  /**
   * This server or this runtime does not support it. Nothing was sent. Then: follow the message, which names the missing
   * extension or another way.
   */
  | 'unsupported'
  // The disk
  /** A file cannot be read. Then: check the path in the message and its permissions. */
  | 'file-unreadable'
  /** A file is not an image file, or not complete. Nothing was sent. Then: build or copy it again. */
  | 'file-damaged'
  /** A file cannot be written. Then: check the path in the message, its permissions and the space on the disk. */
  | 'file-unwritable'

/** Marks the errors of all copies of this package in a process. */
export const brand = Symbol.for('hyperkit.error')

/**
 * The base class of every error that Hyperkit throws. An abort throws no such error: it rejects with the signal's own reason.
 *
 * Branch on {@link HyperkitError.code}. The subclasses have fields for the facts of a failure; the underlying error is `cause`.
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
    // In one place, so that no message of any package shows a secret, or a server's escape sequences.
    super(writeOut(hideSecrets(message)), options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.server = options.server
    Object.defineProperty(this, brand, { value: true })
  }
}
