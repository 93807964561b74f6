import * as v from 'valibot'
import { outcomes } from './apply-report.ts'
import { failureSchema } from './error.ts'
import { ofChange } from './progress.ts'
import { count } from './values.ts'

/** Why servers are looked at. */
export const reasons = ['start', 'event', 'connected', 'manifest', 'source', 'schedule', 'retry'] as const
export type Reason = (typeof reasons)[number]

/**
 * How a run ended as a whole: `pending`: changes are left because they are only looked for; `refused`: the plan was one
 * that must not be done.
 */
export const runResults = ['unchanged', 'changed', 'pending', 'refused', 'failed', 'interrupted'] as const
export type RunResult = (typeof runResults)[number]

export const serverStates = ['connected', 'lost', 'failed', 'recovered', 'in-sync'] as const
/**
 * What became of a server. By its events: `connected`, `lost`. By the runs: `failed`, `recovered`, and `in-sync` if changes
 * were pending and are no more.
 */
export type ServerState = (typeof serverStates)[number]

const head = {
  format: v.literal('hyperkit-watch'),
  version: v.literal(1),
  at: v.pipe(v.string(), v.description('RFC 3339.')),
}

/** One line of `watch --json`. New events and new keys may come within a version; what is there keeps its meaning. */
export const watchSchema = v.variant('event', [
  v.strictObject({
    ...head,
    event: v.literal('change'),
    ...ofChange,
    outcome: v.picklist([...outcomes, 'pending']),
    error: v.exactOptional(failureSchema),
    warnings: v.exactOptional(v.array(v.string())),
  }),
  /** Of a change that goes on or is done; its `change` has the same sentence in `warnings`. */
  v.strictObject({ ...head, event: v.literal('warning'), ...ofChange, message: v.string() }),
  v.strictObject({
    ...head,
    event: v.literal('server'),
    server: v.string(),
    state: v.picklist(serverStates),
    message: v.exactOptional(v.string()),
  }),
  v.strictObject({
    ...head,
    event: v.literal('manifest'),
    state: v.picklist(['loaded', 'refused']),
    message: v.string(),
  }),
  v.strictObject({
    ...head,
    event: v.literal('run'),
    reasons: v.array(v.picklist(reasons)),
    servers: v.array(v.string()),
    result: v.picklist(runResults),
    seconds: v.number(),
    changesDone: count,
    changesNotDone: count,
    changesPending: count,
  }),
  v.strictObject({ ...head, event: v.literal('message'), message: v.string() }),
])

/** One line of `watch --json`. */
export type WatchDocument = v.InferOutput<typeof watchSchema>
