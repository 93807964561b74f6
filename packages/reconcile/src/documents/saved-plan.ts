import * as v from 'valibot'
import { planSchema } from './plan.ts'
import { nullableText, ofImage, sha256 } from './values.ts'

const texts = v.array(v.string())

const seenImageSchema = v.strictObject({
  fingerprint: sha256,
  etag: nullableText,
  public: v.boolean(),
  expiresAt: nullableText,
  autoUpdate: v.boolean(),
  profiles: texts,
  properties: v.record(v.string(), v.string()),
  aliases: texts,
  inUse: v.pipe(
    v.nullable(v.boolean()),
    v.description('Whether an instance, a snapshot or a profile uses it; null if nobody asked.'),
  ),
})

const seenAliasSchema = v.strictObject({
  name: v.string(),
  target: v.string(),
  description: v.string(),
  etag: nullableText,
})

const seenServerSchema = v.strictObject({
  name: v.string(),
  identity: v.pipe(v.string(), v.description('Fingerprint of its certificate, or how it was reached.')),
  images: v.array(seenImageSchema),
  aliases: v.array(seenAliasSchema),
})

const seenContentSchema = v.strictObject({
  image: ofImage.image,
  server: v.exactOptional(
    v.pipe(v.string(), v.description('If the source does not hold the same for all servers.')),
  ),
  fingerprint: ofImage.fingerprint,
})

const seenFileSchema = v.strictObject({ file: v.string(), sha256 })

const seenSchema = v.strictObject({
  paths: v.pipe(
    texts,
    v.minLength(1),
    v.description('Files and folders of the manifest, as they were given.'),
  ),
  files: v.pipe(v.array(seenFileSchema), v.minLength(1)),
  targets: texts,
  republish: v.exactOptional(v.pipe(v.array(v.string()), v.description('Images to publish anew.'))),
  only: v.pipe(v.array(v.string()), v.description('Servers that the plan was narrowed to; empty: all.')),
  frozen: v.exactOptional(
    v.pipe(v.literal(true), v.description('The sources were held against the lock file, and are again.')),
  ),
  contents: v.pipe(
    v.array(seenContentSchema),
    v.description("What the sources of the manifest's images held."),
  ),
  servers: v.pipe(
    v.array(seenServerSchema),
    v.description('What each server had of what the plan rests on; one that could not be read is left out.'),
  ),
})

/** The file that `plan --out` writes. */
export const savedPlanSchema = v.strictObject({
  format: v.literal('hyperkit-saved-plan'),
  version: v.literal(1),
  digest: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/), v.description('SHA-256 of all the rest.')),
  seen: v.pipe(
    v.strictObject(seenSchema.entries),
    v.description('What the plan rests on; paths are relative to the folder of this file.'),
  ),
  plan: planSchema,
})

/** A plan with all that it was made from, so that it can be done later if nothing of that has moved. */
export interface SavedPlan extends v.InferOutput<typeof savedPlanSchema> {}

/** What a plan rests on; if any of it has moved, the plan is refused. In a plan's file, paths are relative to its folder. */
export interface Seen extends v.InferOutput<typeof seenSchema> {}

/** A file of the manifest. */
export interface SeenFile extends v.InferOutput<typeof seenFileSchema> {}

/** What a source held when the plan was made. */
export interface SeenContent extends v.InferOutput<typeof seenContentSchema> {}

/** What a server had of what the plan rests on. Servers that could not be read are not among them. */
export interface SeenServer extends v.InferOutput<typeof seenServerSchema> {}

/** An image as it was when the plan was made. */
export interface SeenImage extends v.InferOutput<typeof seenImageSchema> {}

/** An alias as it was when the plan was made. */
export interface SeenAlias extends v.InferOutput<typeof seenAliasSchema> {}
