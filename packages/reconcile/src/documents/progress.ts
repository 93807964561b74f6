import * as v from 'valibot'
import { outcomeMeaning, outcomes } from './apply-report.ts'
import { failureSchema } from './error.ts'
import { changeSchema, summarySchema } from './plan.ts'
import { count, described, imageName, serverName } from './values.ts'

const head = { format: v.literal('hyperkit-progress'), version: v.literal(1) }
/** How a document names a change. */
export const ofChange = {
  server: serverName,
  action: described(
    v.picklist(changeSchema.options.map((option) => option.entries.action.literal)),
    'The kind of change, as in a plan.',
  ),
  image: imageName,
  fingerprint: described(v.string(), 'The fingerprint of the image, as in a plan.'),
  alias: v.exactOptional(described(v.string(), 'The alias, if the change is about one.')),
}
export const changeWarnings = described(
  v.array(v.string()),
  'Problems that did not make the change fail, one sentence each.',
)

/** One line of `--progress json`. A version may get new events and new keys; existing ones keep their meaning. */
export const progressSchema = v.variant('event', [
  v.strictObject({
    ...head,
    event: v.literal('planned'),
    summary: described(summarySchema, 'How much the plan changes, over all servers.'),
  }),
  v.strictObject({ ...head, event: v.literal('begun'), ...ofChange }),
  v.strictObject({
    ...head,
    event: v.literal('moved'),
    ...ofChange,
    bytes: described(count, 'Bytes transferred so far.'),
    totalBytes: v.exactOptional(described(count, 'Bytes in all; left out if that is not known.')),
    percent: v.exactOptional(
      described(v.pipe(v.number(), v.minValue(0), v.maxValue(100)), 'Left out if it is not known.'),
    ),
    bytesPerSecond: v.exactOptional(described(count, 'The rate over the last seconds.')),
    secondsLeft: v.exactOptional(described(count, 'An estimate; left out if there is none yet.')),
  }),
  v.strictObject({
    ...head,
    event: v.literal('ended'),
    ...ofChange,
    outcome: described(v.picklist(outcomes), outcomeMeaning),
    error: v.exactOptional(described(failureSchema, 'Why the change failed, or why it was not started.')),
    warnings: v.exactOptional(changeWarnings),
  }),
  v.strictObject({
    ...head,
    event: v.literal('warning'),
    ...ofChange,
    message: described(
      v.string(),
      'A problem that does not make the change fail; its `ended` has the same sentence in `warnings`.',
    ),
  }),
  v.strictObject({
    ...head,
    event: v.literal('message'),
    message: described(v.string(), 'A sentence for people.'),
  }),
])

/** One line of `--progress json`. */
export type ProgressDocument = v.InferOutput<typeof progressSchema>
