import * as v from 'valibot'
import { outcomes } from './apply-report.ts'
import { failureSchema } from './error.ts'
import { changeSchema, summarySchema } from './plan.ts'
import { count } from './values.ts'

const head = { format: v.literal('hyperkit-progress'), version: v.literal(1) }
/** What a document says of a change. */
export const ofChange = {
  server: v.string(),
  action: v.picklist(changeSchema.options.map((option) => option.entries.action.literal)),
  image: v.string(),
  fingerprint: v.string(),
  alias: v.exactOptional(v.string()),
}

/** One line of `--progress json`. New events and new keys may come within a version; what is there keeps its meaning. */
export const progressSchema = v.variant('event', [
  v.strictObject({ ...head, event: v.literal('planned'), summary: summarySchema }),
  v.strictObject({ ...head, event: v.literal('begun'), ...ofChange }),
  v.strictObject({
    ...head,
    event: v.literal('moved'),
    ...ofChange,
    bytes: count,
    totalBytes: v.exactOptional(count),
    percent: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(100))),
    bytesPerSecond: v.exactOptional(count),
    secondsLeft: v.exactOptional(count),
  }),
  v.strictObject({
    ...head,
    event: v.literal('ended'),
    ...ofChange,
    outcome: v.picklist(outcomes),
    error: v.exactOptional(failureSchema),
    warnings: v.exactOptional(v.array(v.string())),
  }),
  /** The change goes on or is done; its `ended` has the same sentence in `warnings`. */
  v.strictObject({ ...head, event: v.literal('warning'), ...ofChange, message: v.string() }),
  v.strictObject({ ...head, event: v.literal('message'), message: v.string() }),
])

/** One line of `--progress json`. */
export type ProgressDocument = v.InferOutput<typeof progressSchema>
