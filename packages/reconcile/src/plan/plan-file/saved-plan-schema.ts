import * as v from 'valibot'
import { fingerprintPattern } from '../../identity/fingerprint-to-come.ts'
import { planSchema } from '../plan-schema.ts'
import type { SavedPlan } from './saved-plan.ts'

const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const text = v.nullable(v.string())
const texts = v.array(v.string())

const image = v.strictObject({
  fingerprint: sha256,
  etag: text,
  public: v.boolean(),
  expiresAt: text,
  autoUpdate: v.boolean(),
  profiles: texts,
  properties: v.record(v.string(), v.string()),
  aliases: texts,
  inUse: v.nullable(v.boolean()),
})

const alias = v.strictObject({ name: v.string(), target: v.string(), description: v.string(), etag: text })

/** The file that `plan --out` writes. */
export const savedPlanSchema = v.strictObject({
  format: v.literal('hyperkit-saved-plan'),
  version: v.literal(1),
  digest: sha256,
  seen: v.strictObject({
    paths: v.pipe(texts, v.minLength(1)),
    files: v.pipe(v.array(v.strictObject({ file: v.string(), sha256 })), v.minLength(1)),
    targets: texts,
    republish: v.exactOptional(texts),
    only: texts,
    frozen: v.exactOptional(v.literal(true)),
    contents: v.array(
      v.strictObject({
        image: v.string(),
        server: v.exactOptional(v.string()),
        fingerprint: v.pipe(v.string(), v.regex(fingerprintPattern)),
      }),
    ),
    servers: v.array(
      v.strictObject({
        name: v.string(),
        identity: v.string(),
        images: v.array(image),
        aliases: v.array(alias),
      }),
    ),
  }),
  plan: planSchema,
}) satisfies v.GenericSchema<unknown, SavedPlan>
