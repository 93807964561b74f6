import * as v from 'valibot'
import { errorKey } from './error.ts'
import { count } from './values.ts'

const problem = v.strictObject({
  file: v.exactOptional(
    v.pipe(v.string(), v.description('Left out if it is the one file that was validated.')),
  ),
  line: count,
  column: count,
  message: v.string(),
})

/** What `validate --json` prints. */
export const validationSchema = v.strictObject({
  format: v.literal('hyperkit-validation'),
  version: v.literal(1),
  file: v.pipe(v.string(), v.description('As it was given; several are joined by ", ".')),
  valid: v.boolean(),
  problems: v.array(problem),
  warnings: v.pipe(v.array(problem), v.description('What some servers would refuse.')),
  error: errorKey,
})

/** What `validate --json` prints. */
export interface ValidationDocument extends v.InferOutput<typeof validationSchema> {}
