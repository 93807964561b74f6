import * as v from 'valibot'
import { optionalKey } from './optional-key.ts'
import { explainPattern, readMaxSize } from './policy.ts'
import { text } from './text-schemas.ts'

const pattern = v.pipe(
  text,
  v.check(
    (written) => explainPattern(written) === undefined,
    (issue) => explainPattern(String(issue.input)) ?? '',
  ),
)

export const policySchema = v.strictObject({
  sources: optionalKey(
    v.pipe(v.array(pattern), v.minLength(1, 'must not be empty')),
    'Patterns of sources that images may have, such as `url:https://images.example.org/**`. Default: any source.',
  ),
  requireSha256: optionalKey(
    v.boolean(),
    'Whether each source must say which content it has, with `sha256` or all 64 digits of `fingerprint`. Default: `false`.',
  ),
  maxSize: optionalKey(
    v.pipe(
      v.union([v.number(), v.string()]),
      v.check(
        (value) => readMaxSize(value) !== undefined,
        'must be a size of at least 1 byte, such as 4GiB, 512MiB or 1000000',
      ),
    ),
    'The largest size of an image, such as `4GiB`; a plain number is bytes. Default: any size.',
  ),
  forbidPublic: optionalKey(
    v.boolean(),
    'Whether no image may be public. An image that does not set `public` is made private. Default: `false`.',
  ),
})

export type WrittenPolicy = v.InferOutput<typeof policySchema>
