import * as v from 'valibot'

/** A fingerprint in an answer. Everything that is done with an image is done by it, so anything else is refused. */
export const fingerprintSchema = v.pipe(
  v.string(),
  v.regex(
    /^[0-9a-f]{64}$/,
    ({ input }) =>
      `a fingerprint has 64 characters from 0-9 and a-f, and this is ${JSON.stringify(input.slice(0, 100))}`,
  ),
)
