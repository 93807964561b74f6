import * as v from 'valibot'
import { outcomeMeaning, outcomes } from './apply-report.ts'
import { failureSchema } from './error.ts'
import { changeWarnings, ofChange } from './progress.ts'
import { count, described, serverName } from './values.ts'

/** Why servers are read and planned again. */
export const reasons = ['start', 'event', 'connected', 'manifest', 'source', 'schedule', 'retry'] as const
export type Reason = (typeof reasons)[number]

/**
 * The result of a pass as a whole. `pending`: changes remain, since this watch only plans; `refused`: the guard refused the
 * plan.
 */
export const runResults = ['unchanged', 'changed', 'pending', 'refused', 'failed', 'interrupted'] as const
export type RunResult = (typeof runResults)[number]

export const serverStates = ['connected', 'lost', 'failed', 'recovered', 'in-sync'] as const
/**
 * The new state of a server. Its connection for events gives `connected` and `lost`; passes give `failed`, `recovered`, and
 * `in-sync` if changes were pending and no longer are.
 */
export type ServerState = (typeof serverStates)[number]

const head = {
  format: v.literal('hyperkit-watch'),
  version: v.literal(1),
  at: described(v.string(), 'When it happened; RFC 3339.'),
}

/** One line of `watch --json`. A version may get new events and new keys; existing ones keep their meaning. */
export const watchSchema = v.variant('event', [
  v.strictObject({
    ...head,
    event: v.literal('change'),
    ...ofChange,
    outcome: described(
      v.picklist([...outcomes, 'pending']),
      `\`pending\`: this watch only plans. ${outcomeMeaning}`,
    ),
    error: v.exactOptional(described(failureSchema, 'Why the change failed, or why it was not started.')),
    warnings: v.exactOptional(changeWarnings),
  }),
  v.strictObject({
    ...head,
    event: v.literal('warning'),
    ...ofChange,
    message: described(
      v.string(),
      'A problem that does not make the change fail; its `change` has the same sentence in `warnings`.',
    ),
  }),
  v.strictObject({
    ...head,
    event: v.literal('server'),
    server: serverName,
    state: described(
      v.picklist(serverStates),
      '`connected`, `lost`: from its connection for events; `failed`, `recovered`: from passes; `in-sync`: changes are no longer pending.',
    ),
    message: v.exactOptional(described(v.string(), 'Why, as a sentence for people.')),
  }),
  v.strictObject({
    ...head,
    event: v.literal('manifest'),
    state: described(
      v.picklist(['loaded', 'refused']),
      '`refused`: it is not valid, so the last valid one stays in use.',
    ),
    message: described(v.string(), 'A sentence for people.'),
  }),
  v.strictObject({
    ...head,
    event: v.literal('run'),
    reasons: described(v.array(v.picklist(reasons)), 'Why the servers were read and planned again.'),
    servers: described(v.array(v.string()), 'The servers of this pass, by their names in the manifest.'),
    result: described(
      v.picklist(runResults),
      '`pending`: changes remain, since this watch only plans; `refused`: the guard refused the plan.',
    ),
    seconds: described(v.number(), 'How long it took.'),
    changesDone: described(count, 'Changes that were carried out.'),
    changesNotDone: described(count, 'Changes that failed, were interrupted or were skipped.'),
    changesPending: described(count, 'Changes that were only planned.'),
  }),
  v.strictObject({
    ...head,
    event: v.literal('message'),
    message: described(v.string(), 'A sentence for people.'),
  }),
])

/** One line of `watch --json`. */
export type WatchDocument = v.InferOutput<typeof watchSchema>
