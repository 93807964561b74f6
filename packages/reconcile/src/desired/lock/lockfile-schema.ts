import * as v from 'valibot'
import type { Lockfile } from './lockfile.ts'

const text = v.pipe(v.string(), v.nonEmpty('must not be empty'))

const content = {
  fingerprint: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 of 64 hex digits')),
  size: v.exactOptional(
    v.pipe(
      v.number(),
      v.check((value) => Number.isSafeInteger(value) && value >= 0, 'must be a whole number of bytes'),
    ),
  ),
  serial: v.exactOptional(text),
}

const lockedImage = v.strictObject({
  name: text,
  ...content,
  source: v.strictObject({ kind: text, from: text }),
  elsewhere: v.exactOptional(v.array(v.strictObject({ servers: v.array(text), ...content }))),
  lockedAt: v.pipe(
    v.string(),
    v.check((value) => !Number.isNaN(Date.parse(value)), 'must be a time such as 2027-03-31T12:00:00Z'),
  ),
})

/** The file as `update` writes it. */
export const lockfileSchema = v.strictObject({
  version: v.literal(1),
  images: v.array(lockedImage),
}) satisfies v.GenericSchema<unknown, Lockfile & { version: 1 }>

/** What `update --json` prints. */
export const updateSchema = v.strictObject({
  format: v.literal('hyperkit-update'),
  version: v.literal(1),
  /** Of the lock. */
  file: v.string(),
  moves: v.array(
    v.strictObject({
      image: v.string(),
      before: v.nullable(lockedImage),
      after: v.nullable(lockedImage),
    }),
  ),
})
