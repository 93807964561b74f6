import * as v from 'valibot'
import { errorKey } from './error.ts'
import { described, imageName } from './values.ts'

const text = v.pipe(v.string(), v.nonEmpty('must not be empty'))

const contentSchema = v.strictObject({
  fingerprint: described(
    v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 of 64 hex digits')),
    'The fingerprint of the image that the source had.',
  ),
  size: v.exactOptional(
    described(
      v.pipe(
        v.number(),
        v.check((value) => Number.isSafeInteger(value) && value >= 0, 'must be a whole number of bytes'),
      ),
      'Bytes of all its files; left out if they are not known.',
    ),
  ),
  serial: v.exactOptional(
    described(text, 'The version of a simplestreams product, or the digest of an image of a registry.'),
  ),
})

const serversContentSchema = v.strictObject({
  servers: described(v.array(text), 'Names of servers in the manifest.'),
  ...contentSchema.entries,
})

const sourceSchema = v.strictObject({
  kind: described(text, '`file`, `split`, `remote`, … as in the manifest.'),
  from: described(text, 'Where the content came from, without any secret.'),
})

const lockedImageSchema = v.strictObject({
  name: described(text, "The image's name in the manifest."),
  ...contentSchema.entries,
  source: described(sourceSchema, 'The source that the manifest named.'),
  elsewhere: v.exactOptional(
    described(
      v.array(serversContentSchema),
      'Servers for which the same source has another image, because their architecture or kind differs.',
    ),
  ),
  lockedAt: described(
    v.pipe(
      v.string(),
      v.check((value) => !Number.isNaN(Date.parse(value)), 'must be a time such as 2027-03-31T12:00:00Z'),
    ),
    'When `update` first recorded this content; RFC 3339.',
  ),
})

/** The file as `update` writes it. */
export const lockfileSchema = v.strictObject({
  version: v.literal(1),
  images: described(v.array(lockedImageSchema), "What the source of each of the manifest's images had."),
})

/** What `update --json` prints. */
export const updateSchema = v.strictObject({
  format: v.literal('hyperkit-update'),
  version: v.literal(1),
  file: described(v.string(), 'The path of the lock file.'),
  moves: described(
    v.array(
      v.strictObject({
        image: imageName,
        before: described(v.nullable(lockedImageSchema), 'Its entry before; null if it had none.'),
        after: described(v.nullable(lockedImageSchema), 'Its entry now; null if it no longer has one.'),
      }),
    ),
    'The images whose entry changed.',
  ),
  error: errorKey,
})

/** What the sources of a manifest's images had when `update` recorded them, so that later plans use the same content. */
export interface Lockfile extends Omit<v.InferOutput<typeof lockfileSchema>, 'version'> {}

/** What a source had. */
export interface LockedContent extends v.InferOutput<typeof contentSchema> {}

/** What the source of an image had when it was locked. */
export interface LockedImage extends v.InferOutput<typeof lockedImageSchema> {}

/** What a source had for some servers, if it does not have the same for all. */
export interface ServersContent extends v.InferOutput<typeof serversContentSchema> {}

/** Where the content came from, for people, and to notice that the manifest names another source now. It contains no secret. */
export interface LockedSource extends v.InferOutput<typeof sourceSchema> {}

/** What `update --json` prints. */
export interface UpdateDocument extends v.InferOutput<typeof updateSchema> {}
