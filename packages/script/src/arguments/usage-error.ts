const brand = Symbol.for('hyperkit.usage-error')

/**
 * The command line is invalid. Nothing was done.
 *
 * @see {@link isUsageError}
 */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly [brand] = true
}

/**
 * Whether an error is a {@link UsageError}, even of another copy of this package: a user's script may bring its own copy.
 *
 * @example
 * ```ts
 * import { isUsageError, UsageError } from '@hyperkit/script'
 *
 * console.log(isUsageError(new UsageError('give one name'))) // true
 * ```
 */
export function isUsageError(error: unknown): error is UsageError {
  return error instanceof Error && (error as { [brand]?: unknown })[brand] === true
}
