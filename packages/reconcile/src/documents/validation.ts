import * as v from 'valibot'
import { errorKey } from './error.ts'
import { count, described } from './values.ts'

const problem = v.strictObject({
  file: v.exactOptional(described(v.string(), 'Left out if only one file was validated and it is this one.')),
  line: described(count, 'Counted from 1.'),
  column: described(count, 'Counted from 1.'),
  message: described(v.string(), 'A sentence for people.'),
})

/** What `validate --json` prints. */
export const validationSchema = v.strictObject({
  format: v.literal('hyperkit-validation'),
  version: v.literal(1),
  file: described(v.string(), 'The path as it was given; several are joined by ", ".'),
  valid: described(v.boolean(), 'Whether the manifest has no problems.'),
  problems: described(v.array(problem), 'Everything that is wrong with the manifest.'),
  warnings: described(v.array(problem), 'Settings that some servers would refuse.'),
  error: errorKey,
})

/** What `validate --json` prints. */
export interface ValidationDocument extends v.InferOutput<typeof validationSchema> {}
