import type {
  CertificateChangedError,
  CopyError,
  FingerprintMismatchError,
  OperationError,
  OutcomeUnknownError,
  TruncatedListError,
  UnsupportedError,
} from './errors.ts'
import { brand, type ErrorCode, type HyperkitError } from './hyperkit-error.ts'

/** The codes that only one class of errors has. An error with another code may be of several classes. */
interface ErrorClasses {
  'certificate-changed': CertificateChangedError
  'copy-failed': CopyError
  'fingerprint-mismatch': FingerprintMismatchError
  'list-truncated': TruncatedListError
  'operation-cancelled': OperationError
  'operation-failed': OperationError
  'outcome-unknown': OutcomeUnknownError
  unsupported: UnsupportedError
}

/** The type of the errors with a code: with that code, and with the facts of its class if only one class has the code. */
export type ErrorWithCode<Code extends ErrorCode> = Code extends keyof ErrorClasses
  ? ErrorClasses[Code] & { readonly code: Code }
  : HyperkitError & { readonly code: Code }

/**
 * Whether something is an error of Hyperkit, even from another copy of this package in the same process.
 *
 * @param code accepts only errors with this code; the error then has the type of its class, with its facts
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
