import * as v from 'valibot'
import { failureSchema } from './error.ts'
import { count, described } from './values.ts'

const ofWave = {
  wave: described(count, 'Its number: its place in `rollout.waves` of the manifest, from 1.'),
  servers: described(v.array(v.string()), 'Its servers, as far as the plan is about them.'),
}

const plannedWaveSchema = v.strictObject({
  ...ofWave,
  state: described(
    v.picklist(['in-sync', 'changes', 'failed', 'unread']),
    '`changes`: some are planned; `failed`: not everything could be planned; `unread`: a server could not be read.',
  ),
  waitsFor: described(
    v.nullable(count),
    'The wave that must be done, and pass its check, before the changes of this one begin; null if nothing has to wait.',
  ),
})

/** How the changes of a plan spread over the servers. */
export const plannedRolloutSchema = v.strictObject({
  checked: described(v.boolean(), 'Whether a program of the manifest checks each wave.'),
  pauseOnFailure: described(
    v.boolean(),
    'Whether a failed check, or a server that failed or could not be read, stops the waves after it.',
  ),
  waves: described(v.array(plannedWaveSchema), 'The waves, in their order.'),
})

const reportedWaveSchema = v.strictObject({
  ...ofWave,
  state: described(
    v.picklist(['done', 'failed', 'waiting', 'interrupted']),
    '`done`: its servers are in sync, and its check, if it was needed, passed; `waiting`: it was not begun, because the rollout is paused.',
  ),
  error: v.exactOptional(described(failureSchema, 'Why the wave failed.')),
  passed: v.exactOptional(
    described(
      v.literal(true),
      'The waves after it began in spite of the failure, because of `--resume` or `pauseOnFailure: false`.',
    ),
  ),
})

/** How far a rollout came. */
export const rolloutReportSchema = v.strictObject({
  waves: described(v.array(reportedWaveSchema), 'The waves, in their order.'),
  paused: v.exactOptional(described(count, 'The wave that stopped the rollout; left out if no wave waits.')),
})

/** The waves of a plan. */
export interface PlannedRollout extends v.InferOutput<typeof plannedRolloutSchema> {}

/** A wave of a plan. */
export interface PlannedWave extends v.InferOutput<typeof plannedWaveSchema> {}

/** The waves of an apply, and which of them paused it. */
export interface RolloutReport extends v.InferOutput<typeof rolloutReportSchema> {}

/** A wave of an apply. */
export interface ReportedWave extends v.InferOutput<typeof reportedWaveSchema> {}
