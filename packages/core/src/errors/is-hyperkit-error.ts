import type {
  CertificateChangedError,
  FingerprintMismatchError,
  OperationError,
  OutcomeUnknownError,
  TruncatedListError,
  UnsupportedError,
} from './errors.ts'
import { brand, type ErrorCode, type HyperkitError } from './hyperkit-error.ts'

/** Codes that only one class of errors has. Errors with another code are of several classes, so of `HyperkitError`. */
interface ErrorClasses {
  'certificate-changed': CertificateChangedError
  'fingerprint-mismatch': FingerprintMismatchError
  'list-truncated': TruncatedListError
  'operation-cancelled': OperationError
  'operation-failed': OperationError
  'outcome-unknown': OutcomeUnknownError
  unsupported: UnsupportedError
}

/** The error that has a code, with that code and the facts of its class. */
export type ErrorWithCode<Code extends ErrorCode> = Code extends keyof ErrorClasses
  ? ErrorClasses[Code] & { readonly code: Code }
  : HyperkitError & { readonly code: Code }

/**
 * True for an error of Hyperkit, also of another copy of this package in the same process.
 *
 * @param code only errors with this code; the error is then of its class, with its facts
 *
 * @example
 * ```ts
 * const image = await client.images.getByAlias('no/such').catch((error: unknown) => {
 *   if (isHyperkitError(error, 'not-found')) return undefined
 *   throw error
 * })
 * console.log(image)
 *
 * await client.server().catch((error: unknown) => {
 *   if (!isHyperkitError(error, 'certificate-changed')) throw error
 *   console.log(`pinned: ${error.expected}, shown: ${error.actual}`)
 * })
 * ```
 */
export function isHyperkitError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  code?: Code,
): error is ErrorWithCode<Code> {
  return (
    error instanceof Error &&
    (error as { [brand]?: unknown })[brand] === true &&
    (code === undefined || (error as HyperkitError).code === code)
  )
}
