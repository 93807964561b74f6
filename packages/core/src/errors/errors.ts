import type { Operation } from '../model/operation.ts'
import { type ErrorCode, HyperkitError } from './hyperkit-error.ts'

interface Facts {
  cause?: unknown
  server?: string | undefined
}

/** The request that an error is about. */
export interface RequestFacts {
  method: string
  path: string
}

/**
 * The server answered, with an error.
 *
 * @see {@link isHyperkitError}
 */
export class ServerError extends HyperkitError {
  override readonly name = 'ServerError'
  /** HTTP status of the answer; 200 if the error was in the body only. */
  readonly status: number
  /** `error_code` of the body. */
  readonly errorCode: number
  /** The server's own words. */
  readonly serverMessage: string
  readonly request: RequestFacts

  constructor(
    code: ErrorCode,
    message: string,
    facts: Facts & { status: number; errorCode: number; serverMessage: string; request: RequestFacts },
  ) {
    super(code, message, facts)
    this.status = facts.status
    this.errorCode = facts.errorCode
    this.serverMessage = facts.serverMessage
    this.request = facts.request
  }
}

/**
 * Hyperkit looked through what the server shows this client and did not find it; no single answer of the server says so. The code is
 * `not-found`, or `not-authorized` if the server shows this client only a part, so that it may exist nevertheless.
 *
 * @see {@link isHyperkitError}
 */
export class NotFoundError extends HyperkitError {
  override readonly name = 'NotFoundError'

  constructor(message: string, facts: Facts & { code?: 'not-found' | 'not-authorized' } = {}) {
    super(facts.code ?? 'not-found', message, facts)
  }
}

/**
 * The state of the server, as Hyperkit read it, conflicts with the request: a name is taken (`already-exists`), another client changed
 * the same thing in the meantime (`precondition-failed`), or several things match (`ambiguous`).
 *
 * @see {@link isHyperkitError}
 */
export class ConflictError extends HyperkitError {
  override readonly name = 'ConflictError'

  constructor(
    code: 'already-exists' | 'precondition-failed' | 'ambiguous',
    message: string,
    facts: Facts = {},
  ) {
    super(code, message, facts)
  }
}

/**
 * The request or its answer did not get through, or what came back was not the answer of an LXD or Incus server.
 *
 * @see {@link isHyperkitError}
 */
export class TransportError extends HyperkitError {
  override readonly name = 'TransportError'
  readonly request: RequestFacts | undefined

  constructor(code: ErrorCode, message: string, facts: Facts & { request?: RequestFacts | undefined } = {}) {
    super(code, message, facts)
    this.request = facts.request
  }
}

/**
 * The server's certificate is not the pinned one.
 *
 * @see {@link isHyperkitError}
 */
export class CertificateChangedError extends HyperkitError {
  override readonly name = 'CertificateChangedError'
  /** SHA-256 of the pinned certificate, 64 hex. */
  readonly expected: string
  /** SHA-256 of the certificate that the server showed, 64 hex. */
  readonly actual: string

  constructor(message: string, facts: Facts & { expected: string; actual: string }) {
    super('certificate-changed', message, facts)
    this.expected = facts.expected
    this.actual = facts.actual
  }
}

/**
 * The operation failed or was cancelled: `operation-failed` or `operation-cancelled`.
 *
 * @see {@link isHyperkitError}
 */
export class OperationError extends HyperkitError {
  override readonly name = 'OperationError'
  /** As last read, with the server's own words in `operation.error`. */
  readonly operation: Operation

  constructor(
    code: 'operation-failed' | 'operation-cancelled',
    message: string,
    facts: Facts & { operation: Operation },
  ) {
    super(code, message, facts)
    this.operation = facts.operation
  }
}

/**
 * It is not known whether the operation succeeded or failed.
 *
 * @see {@link isHyperkitError}
 */
export class OutcomeUnknownError extends HyperkitError {
  override readonly name = 'OutcomeUnknownError'
  readonly operationId: string | undefined
  /** What to check on the server, to be said after "check": `whether the result of the operation is there`. */
  readonly verify: string

  constructor(message: string, facts: Facts & { operationId?: string | undefined; verify: string }) {
    super('outcome-unknown', message, facts)
    this.operationId = facts.operationId
    this.verify = facts.verify
  }
}

/**
 * The bytes are not those of the expected image.
 *
 * @see {@link isHyperkitError}
 */
export class FingerprintMismatchError extends HyperkitError {
  override readonly name = 'FingerprintMismatchError'
  readonly expected: string
  readonly actual: string

  constructor(message: string, facts: Facts & { expected: string; actual: string }) {
    super('fingerprint-mismatch', message, facts)
    this.expected = facts.expected
    this.actual = facts.actual
  }
}

/**
 * The server may have silently left out a part of a listing.
 *
 * @see {@link isHyperkitError}
 */
export class TruncatedListError extends HyperkitError {
  override readonly name = 'TruncatedListError'
  /** How many items arrived. */
  readonly received: number
  /** How long the server took, in milliseconds. */
  readonly elapsed: number

  constructor(message: string, facts: Facts & { received: number; elapsed: number }) {
    super('list-truncated', message, facts)
    this.received = facts.received
    this.elapsed = facts.elapsed
  }
}

/**
 * The images in use cannot be determined, because the server may hide instances or profiles from this client. The code is
 * `not-authorized`. No image may be treated as unused.
 *
 * @see {@link isHyperkitError}
 */
export class UsageHiddenError extends HyperkitError {
  override readonly name = 'UsageHiddenError'
  /** What the client lacks, in words that follow "this client lacks": `entitlement "can_view_instances" on project "web"`. */
  readonly missing: string

  constructor(message: string, facts: Facts & { missing: string }) {
    super('not-authorized', message, facts)
    this.missing = facts.missing
  }
}

/**
 * An argument is wrong; nothing was sent.
 *
 * @see {@link isHyperkitError}
 */
export class ArgumentError extends HyperkitError {
  override readonly name = 'ArgumentError'
  readonly argument: string

  constructor(argument: string, message: string, facts: Facts & { code?: ErrorCode } = {}) {
    super(facts.code ?? 'invalid-argument', message, facts)
    this.argument = argument
  }
}

/**
 * This server or this runtime does not support the call; nothing was sent.
 *
 * @see {@link isHyperkitError}
 */
export class UnsupportedError extends HyperkitError {
  override readonly name = 'UnsupportedError'
  /** The missing API extension, if that is the reason. */
  readonly extension: string | undefined

  constructor(message: string, facts: Facts & { extension?: string | undefined } = {}) {
    super('unsupported', message, facts)
    this.extension = facts.extension
  }
}

/**
 * A copy between two servers failed in every mode that was tried.
 *
 * @see {@link isHyperkitError}
 */
export class CopyError extends HyperkitError {
  override readonly name = 'CopyError'
  /** Each mode with its error, in the order in which they were tried; the last error is also `cause`. */
  readonly tried: readonly { readonly mode: 'pull' | 'push' | 'relay'; readonly error: Error }[]

  constructor(message: string, facts: Facts & { tried: CopyError['tried'] }) {
    super('copy-failed', message, facts)
    this.tried = facts.tried
  }
}
