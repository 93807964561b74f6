import * as v from 'valibot'
import { planSchema } from './plan.ts'
import { described, nullableText, ofImage, serverName, sha256 } from './values.ts'

const texts = v.array(v.string())
const etag = described(nullableText, 'The ETag that the server gave; null if it gave none.')

const seenImageSchema = v.strictObject({
  fingerprint: described(sha256, 'The fingerprint of the image.'),
  etag,
  public: described(v.boolean(), 'Whether anybody may read it.'),
  expiresAt: described(nullableText, 'RFC 3339; null if it never expires.'),
  autoUpdate: described(v.boolean(), 'Whether the server refreshes it by itself.'),
  profiles: described(texts, 'Its profiles, sorted.'),
  properties: described(v.record(v.string(), v.string()), 'Its properties, the marks of manifests included.'),
  aliases: described(texts, 'All aliases that point at it.'),
  inUse: described(
    v.nullable(v.boolean()),
    'Whether an instance, a snapshot or a profile uses it; null if the plan did not need to know.',
  ),
})

const seenAliasSchema = v.strictObject({
  name: described(v.string(), 'The name of the alias.'),
  target: described(v.string(), 'The fingerprint of the image that it points at.'),
  description: described(v.string(), 'Empty if it has none.'),
  etag,
})

const seenServerSchema = v.strictObject({
  name: serverName,
  identity: described(
    v.string(),
    'Fingerprint of its certificate with the name of the server, or how it was reached.',
  ),
  images: described(v.array(seenImageSchema), 'Its images, as far as the plan depends on them.'),
  aliases: described(v.array(seenAliasSchema), 'Its aliases, as far as the plan depends on them.'),
})

const seenContentSchema = v.strictObject({
  image: ofImage.image,
  server: v.exactOptional(
    described(
      v.string(),
      'The server that this applies to, if the source does not have the same content for all servers.',
    ),
  ),
  fingerprint: ofImage.fingerprint,
})

const seenFileSchema = v.strictObject({
  file: described(v.string(), 'Its path.'),
  sha256: described(sha256, 'The SHA-256 of its bytes.'),
})

const seenSchema = v.strictObject({
  paths: described(
    v.pipe(texts, v.minLength(1)),
    'Files and directories of the manifest, as they were given.',
  ),
  files: described(
    v.pipe(v.array(seenFileSchema), v.minLength(1)),
    'The files that the manifest was read from.',
  ),
  targets: described(texts, 'Images that the plan was limited to; empty for all.'),
  republish: v.exactOptional(
    described(texts, 'Images that are published again, even if they were published before.'),
  ),
  only: described(texts, 'Servers that the plan was limited to; empty for all.'),
  frozen: v.exactOptional(
    described(v.literal(true), 'The sources were compared with the lock file, and will be again.'),
  ),
  contents: described(v.array(seenContentSchema), "What the sources of the manifest's images had."),
  servers: described(
    v.array(seenServerSchema),
    'What each server had, as far as the plan depends on it; a server that could not be read is left out.',
  ),
})

/** The file that `plan --out` writes. */
export const savedPlanSchema = v.strictObject({
  format: v.literal('hyperkit-saved-plan'),
  version: v.literal(1),
  digest: described(sha256, 'SHA-256 of everything else in the file.'),
  seen: described(
    seenSchema,
    'What the plan was made from; paths are relative to the directory of this file.',
  ),
  plan: described(planSchema, 'The plan, as `plan --json` prints it without its totals.'),
})

/** A plan with everything that it was made from, so that it can be carried out later if none of that has changed. */
export interface SavedPlan extends v.InferOutput<typeof savedPlanSchema> {}

/**
 * What a plan was made from; if any of it has changed, the plan is refused. In the file of a plan, paths are relative to its
 * folder.
 */
export interface Seen extends v.InferOutput<typeof seenSchema> {}

/** A file of the manifest. */
export interface SeenFile extends v.InferOutput<typeof seenFileSchema> {}

/** What a source had when the plan was made. */
export interface SeenContent extends v.InferOutput<typeof seenContentSchema> {}

/** What a server had, as far as the plan depends on it. Servers that could not be read are left out. */
export interface SeenServer extends v.InferOutput<typeof seenServerSchema> {}

/** An image as it was when the plan was made. */
export interface SeenImage extends v.InferOutput<typeof seenImageSchema> {}

/** An alias as it was when the plan was made. */
export interface SeenAlias extends v.InferOutput<typeof seenAliasSchema> {}
