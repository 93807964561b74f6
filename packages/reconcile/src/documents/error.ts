import * as v from 'valibot'
import { described } from './values.ts'

/** Why something failed: a stable code, and a sentence for people. */
export const failureSchema = v.strictObject({
  code: described(v.string(), 'One of the codes in docs/errors.md; it stays the same between releases.'),
  message: described(v.string(), 'A sentence for people; its wording may change.'),
})

/** Why something failed. */
export interface Failure extends v.InferOutput<typeof failureSchema> {}

/** The key that a document has if the command that printed it failed. */
export const errorKey = v.exactOptional(
  described(failureSchema, 'Only if the command failed: its first error code, and all messages.'),
)

/** The only document on stdout if a command with `--json` fails before it has a result; in NDJSON, the last line. */
export const errorDocumentSchema = v.strictObject({
  format: v.literal('hyperkit-error'),
  version: v.literal(1),
  error: described(failureSchema, 'Why the command failed.'),
})

/** The only document on stdout if a command with `--json` fails before it has a result. */
export interface ErrorDocument extends v.InferOutput<typeof errorDocumentSchema> {}
