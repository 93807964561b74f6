import * as v from 'valibot'
import { defaultsSchema, imageSchema } from './image-schema.ts'
import { notifySchema } from './notify-schema.ts'
import { optionalKey } from './optional-key.ts'
import { serverSchema } from './server-schema.ts'
import { count, text } from './text-schemas.ts'

/**
 * The file as it is written: the one description that keys, types, editors' schemas and docs/manifest.md come from.
 *
 * Objects are strict, but valibot names only the first unknown key of an object; `readValue` looks for them beforehand.
 */
export const manifestSchema = v.strictObject({
  version: v.pipe(v.literal(1), v.description('Version of the manifest format: 1.')),
  name: v.pipe(
    v.string(),
    v.regex(
      /^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$/,
      'must be up to 128 letters, digits, ".", "_", "-" or "/", and begin with a letter or digit',
    ),
    v.description(
      'The owner that is written on what this manifest creates; another one for each manifest of a server. Only what it owns is ever removed.',
    ),
  ),
  servers: v.pipe(
    v.record(text, serverSchema),
    v.description('The servers, by the names that the manifest gives them.'),
  ),
  defaults: optionalKey(defaultsSchema, 'What images of this file have where they say nothing else.'),
  images: v.pipe(
    v.array(imageSchema),
    v.description('The images, each with a name that is also its first alias.'),
  ),
  prune: optionalKey(
    v.strictObject({
      maxDelete: optionalKey(
        count,
        'At most so many images are removed in one run of a server. Default: `5`.',
      ),
    }),
    'Removes older versions of images that this manifest created. Default: nothing is pruned.',
  ),
  notify: optionalKey(
    notifySchema,
    'Who gets the report of `apply` and of the runs of `watch`; only these two tell anybody.',
  ),
})

export type WrittenManifest = v.InferOutput<typeof manifestSchema>
