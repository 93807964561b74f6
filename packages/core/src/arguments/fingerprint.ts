import { ArgumentError } from '../errors/errors.ts'

const whole = /^[0-9a-f]{64}$/
const usable = /^[0-9a-f]{1,64}$/

/** Shorter prefixes are looked up in a listing, because the server matches a path with SQL `LIKE` and picks one image itself. */
export const shortestPathPrefix = 12

/**
 * Checks a fingerprint or the beginning of one.
 *
 * Only hex digits are accepted: servers read `%` and `_` as wildcards, so that `DELETE /images/%25` deletes an image.
 *
 * @returns the same in lower case
 *
 * @throws {ArgumentError} code `image-identifier-required` for an empty one, else `invalid-argument`
 *
 * @example
 * ```ts
 * console.log(checkFingerprint('AA2A036CF827', 'fingerprint')) // aa2a036cf827
 * ```
 */
export function checkFingerprint(value: string, argument = 'fingerprint'): string {
  if (value === '' || value === undefined || value === null) {
    throw new ArgumentError(
      argument,
      `Cannot find an image without its ${argument}: give a fingerprint or the first characters of one`,
      {
        code: 'image-identifier-required',
      },
    )
  }
  const lower = String(value).toLowerCase()
  if (!usable.test(lower)) {
    throw new ArgumentError(
      argument,
      `Cannot use ${JSON.stringify(value)} as a fingerprint: it must be at most 64 characters of 0-9 and a-f; for an alias use getByAlias`,
    )
  }
  return lower
}

/**
 * Checks a whole fingerprint.
 *
 * @returns the same in lower case
 * @throws {ArgumentError} unless it is all 64 hex characters
 *
 * @example
 * ```ts
 * console.log(checkWholeFingerprint(fingerprint.toUpperCase(), 'fingerprint') === fingerprint)
 * ```
 */
export function checkWholeFingerprint(value: string, argument = 'fingerprint'): string {
  const lower = checkFingerprint(value, argument)
  if (!whole.test(lower)) {
    throw new ArgumentError(
      argument,
      `Cannot use ${JSON.stringify(value)} as ${argument}: all 64 characters are needed, but it has ${lower.length}`,
    )
  }
  return lower
}

/**
 * Whether a text is a whole fingerprint: 64 characters of 0-9 and a-f, lower case.
 *
 * @example
 * ```ts
 * console.log(isWholeFingerprint('aa2a036cf827')) // false
 * ```
 */
export function isWholeFingerprint(value: string): boolean {
  return whole.test(value)
}
