import * as v from 'valibot'
import { errorKey, failureSchema } from './error.ts'
import { changeSchema, imageProblemSchema } from './plan.ts'
import { manifestKey, sha256 } from './values.ts'

export const outcomes = ['done', 'failed', 'interrupted', 'skipped'] as const
const failure = v.strictObject(failureSchema.entries)

const changeResultSchema = v.strictObject({
  change: changeSchema,
  outcome: v.picklist(outcomes),
  fingerprint: v.exactOptional(
    v.pipe(sha256, v.description('Of an image that the plan could not know the fingerprint of.')),
  ),
  error: v.exactOptional(v.pipe(failure, v.description('Why it failed, or why it was not begun.'))),
  warnings: v.exactOptional(
    v.pipe(
      v.array(v.string()),
      v.description('What went wrong although its image is there, a sentence each.'),
    ),
  ),
})

const serverReportSchema = v.strictObject({
  name: v.string(),
  status: v.pipe(
    v.picklist(['done', 'failed', 'interrupted', 'unread']),
    v.description('`done` also if nothing was to do; `unread`: nothing was planned there.'),
  ),
  error: v.exactOptional(v.pipe(failure, v.description('Of the server as a whole.'))),
  results: v.array(changeResultSchema),
  problems: v.exactOptional(
    v.pipe(
      v.array(imageProblemSchema),
      v.description('Images for which nothing was planned; the status is `failed` then.'),
    ),
  ),
})

/** What became of a plan. */
export const applyReportSchema = v.strictObject({
  format: v.literal('hyperkit-apply'),
  version: v.literal(1),
  manifest: manifestKey,
  servers: v.array(serverReportSchema),
})

/** What `apply --json` prints. */
export const applyDocumentSchema = v.strictObject({ ...applyReportSchema.entries, error: errorKey })

/** What became of a plan; itself the document that `apply --json` prints. */
export interface ApplyReport extends v.InferOutput<typeof applyReportSchema> {}

/** What became of the plan of one server. */
export interface ServerReport extends v.InferOutput<typeof serverReportSchema> {}

/** What became of one change. */
export interface ChangeResult extends v.InferOutput<typeof changeResultSchema> {}

/** What `apply --json` prints. */
export interface ApplyDocument extends v.InferOutput<typeof applyDocumentSchema> {}
