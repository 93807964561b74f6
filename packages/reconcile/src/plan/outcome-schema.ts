import * as v from 'valibot'
import type { ApplyReport } from './outcome.ts'
import { changeSchema, failureSchema, imageProblemSchema } from './plan-schema.ts'

/** What `apply --json` prints. */
export const reportSchema = v.strictObject({
  format: v.literal('hyperkit-apply'),
  version: v.literal(1),
  manifest: v.strictObject({ file: v.string(), name: v.string() }),
  servers: v.array(
    v.strictObject({
      name: v.string(),
      status: v.picklist(['done', 'failed', 'interrupted', 'unread']),
      error: v.exactOptional(failureSchema),
      results: v.array(
        v.strictObject({
          change: changeSchema,
          outcome: v.picklist(['done', 'failed', 'interrupted', 'skipped']),
          fingerprint: v.exactOptional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
          error: v.exactOptional(failureSchema),
          warnings: v.exactOptional(v.array(v.string())),
        }),
      ),
      problems: v.exactOptional(v.array(imageProblemSchema)),
    }),
  ),
}) satisfies v.GenericSchema<unknown, ApplyReport>

type Same<A, B> = [A, B] extends [B, A] ? true : never

/** A change of the types that the schema does not follow is an error of the compiler here. */
export const isReportDescribed: Same<v.InferOutput<typeof reportSchema>, ApplyReport> = true
