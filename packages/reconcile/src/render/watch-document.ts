import * as v from 'valibot'
import { failureSchema } from '../plan/plan-schema.ts'
import { reasons } from '../watch/queue/agenda.ts'
import { runResults } from '../watch/queue/run-result.ts'
import { factsOfChange, ofChange } from './progress-document.ts'
import { serverStates, type WatchEvent } from './watch-event.ts'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const head = {
  format: v.literal('hyperkit-watch'),
  version: v.literal(1),
  /** RFC 3339. */
  at: v.string(),
}

/** One line of `watch --json`. New events and new keys may come within a version; what is there keeps its meaning. */
export const watchSchema = v.variant('event', [
  v.strictObject({
    ...head,
    event: v.literal('change'),
    ...ofChange,
    outcome: v.picklist(['done', 'failed', 'interrupted', 'skipped', 'pending']),
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

export type WatchDocument = v.InferOutput<typeof watchSchema>

/** The line of `watch --json` for an event. */
export function describeWatchEvent(event: WatchEvent, at: Date): WatchDocument {
  const start = { format: 'hyperkit-watch', version: 1, at: at.toISOString() } as const
  switch (event.kind) {
    case 'change': {
      const { change, outcome, error, warnings } = event.result
      const facts = factsOfChange(event.server, change)
      return {
        ...{ ...start, event: 'change', ...facts, outcome },
        ...(error === undefined ? {} : { error }),
        ...(warnings === undefined ? {} : { warnings }),
      }
    }
    case 'warned':
      return {
        ...{ ...start, event: 'warning', ...factsOfChange(event.server, event.change) },
        message: event.message,
      }
    case 'pending':
      return { ...start, event: 'change', ...factsOfChange(event.server, event.change), outcome: 'pending' }
    case 'server': {
      const { server, state, message } = event
      return { ...start, event: 'server', server, state, ...(message === undefined ? {} : { message }) }
    }
    case 'manifest':
      return { ...start, event: 'manifest', state: event.state, message: event.message }
    case 'run': {
      const { reasons: why, servers, ...rest } = event.run
      return { ...start, event: 'run', reasons: [...why], servers: [...servers], ...rest }
    }
    case 'message':
      return { ...start, event: 'message', message: event.message }
  }
}
