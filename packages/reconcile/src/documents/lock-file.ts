import * as v from 'valibot'
import { errorKey } from './error.ts'

const text = v.pipe(v.string(), v.nonEmpty('must not be empty'))

const contentSchema = v.strictObject({
  fingerprint: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 of 64 hex digits')),
  size: v.exactOptional(
    v.pipe(
      v.number(),
      v.check((value) => Number.isSafeInteger(value) && value >= 0, 'must be a whole number of bytes'),
      v.description('Bytes, of all files; left out if it is not known.'),
    ),
  ),
  serial: v.exactOptional(
    v.pipe(v.string(), v.nonEmpty('must not be empty'), v.description('Version of a simplestreams product.')),
  ),
})

const serversContentSchema = v.strictObject({ servers: v.array(text), ...contentSchema.entries })

const sourceSchema = v.strictObject({
  kind: v.pipe(
    v.string(),
    v.nonEmpty('must not be empty'),
    v.description('`file`, `split`, `remote`, … as the manifest has them.'),
  ),
  from: v.pipe(
    v.string(),
    v.nonEmpty('must not be empty'),
    v.description('Where the content came from. No secret is in it.'),
  ),
})

const lockedImageSchema = v.strictObject({
  name: v.pipe(v.string(), v.nonEmpty('must not be empty'), v.description('Name in the manifest.')),
  ...contentSchema.entries,
  source: sourceSchema,
  elsewhere: v.exactOptional(
    v.pipe(
      v.array(serversContentSchema),
      v.description(
        'Servers for which the same source holds something else: of another architecture, of another kind.',
      ),
    ),
  ),
  lockedAt: v.pipe(
    v.string(),
    v.check((value) => !Number.isNaN(Date.parse(value)), 'must be a time such as 2027-03-31T12:00:00Z'),
    v.description('When `update` first saw this content; RFC 3339.'),
  ),
})

/** The file as `update` writes it. */
export const lockfileSchema = v.strictObject({
  version: v.literal(1),
  images: v.array(lockedImageSchema),
})

/** What `update --json` prints. */
export const updateSchema = v.strictObject({
  format: v.literal('hyperkit-update'),
  version: v.literal(1),
  file: v.pipe(v.string(), v.description('The lock file.')),
  moves: v.array(
    v.strictObject({
      image: v.string(),
      before: v.nullable(lockedImageSchema),
      after: v.nullable(lockedImageSchema),
    }),
  ),
  error: errorKey,
})

/** What the sources of a manifest's images held when `update` looked: the content that everybody agrees on. */
export interface Lockfile extends Omit<v.InferOutput<typeof lockfileSchema>, 'version'> {}

/** A content of a source. */
export interface LockedContent extends v.InferOutput<typeof contentSchema> {}

/** What the source of an image held when it was locked. */
export interface LockedImage extends v.InferOutput<typeof lockedImageSchema> {}

/** What a source held for some servers, if it is not the same for all. */
export interface ServersContent extends v.InferOutput<typeof serversContentSchema> {}

/** Where the content came from, for people and to see that the manifest names another source now. No secret is in it. */
export interface LockedSource extends v.InferOutput<typeof sourceSchema> {}

/** What `update --json` prints. */
export interface UpdateDocument extends v.InferOutput<typeof updateSchema> {}
