import * as v from 'valibot'

/** The text that many keys take. */
export const text = v.pipe(
  v.string(),
  v.nonEmpty('must not be empty'),
  v.check((value) => !value.includes('\0'), 'must not contain a NUL character'),
)

export const sha256 = v.pipe(
  v.string(),
  v.regex(/^[0-9a-fA-F]{64}$/, 'must be a SHA-256 of 64 hex digits'),
  v.toLowerCase(),
)

export const count = v.pipe(
  v.number(),
  v.check((value) => Number.isSafeInteger(value) && value >= 1, 'must be a whole number of at least 1'),
)
