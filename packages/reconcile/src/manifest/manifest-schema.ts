import * as v from 'valibot'
import { defaultsSchema, imageSchema } from './image-schema.ts'
import { notifySchema } from './notify-schema.ts'
import { optionalKey } from './optional-key.ts'
import { policySchema } from './policy-schema.ts'
import { rolloutSchema } from './rollout-schema.ts'
import { serverSchema } from './server-schema.ts'
import { count, text } from './text-schemas.ts'

/**
 * The file as it is written: keys, types, the schema for editors and docs/manifest.md all come from this description.
 *
 * Objects are strict, but valibot reports only the first unknown key of an object, so `readValue` finds them beforehand.
 */
export const manifestSchema = v.strictObject({
  version: v.pipe(v.literal(1), v.description('Version of the manifest format: 1.')),
  name: v.pipe(
    v.string(),
    v.regex(
      /^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$/,
      'must have 1 to 128 letters, digits, ".", "_", "-" or "/", and begin with a letter or digit',
    ),
    v.description(
      'The owner: it marks everything that this manifest creates, and only what it marks is ever removed. Each manifest for a server needs its own name.',
    ),
  ),
  servers: v.pipe(
    v.record(text, serverSchema),
    v.description('The servers, by the names that this manifest gives them.'),
  ),
  defaults: optionalKey(defaultsSchema, 'Values for images of this file that do not set their own.'),
  images: v.pipe(
    v.array(imageSchema),
    v.description('The images, each with a name that is also its first alias.'),
  ),
  prune: optionalKey(
    v.strictObject({
      maxDelete: optionalKey(count, 'How many images one run may remove from a server. Default: `5`.'),
    }),
    'Removes older versions of images that this manifest created. Default: nothing is pruned.',
  ),
  rollout: optionalKey(
    rolloutSchema,
    'Changes the servers in waves, each only if the one before is well. Default: all at the same time.',
  ),
  policy: optionalKey(
    policySchema,
    'What the images of this manifest must not be. If one breaks it, the run changes nothing. Default: nothing is forbidden.',
  ),
  notify: optionalKey(
    notifySchema,
    'What receives the reports of `apply` and `watch`; no other command sends any.',
  ),
})

export type WrittenManifest = v.InferOutput<typeof manifestSchema>
