const brand = Symbol.for('hyperkit.usage-error')

/**
 * The command line is not as the script wants it. Nothing was done.
 *
 * @see {@link isUsageError}
 */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly [brand] = true
}

/**
 * Whether it is one, also of another copy of this package: a script of one's own brings its own, the command has another.
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
