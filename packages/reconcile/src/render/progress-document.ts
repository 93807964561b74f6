import * as v from 'valibot'
import type { ApplyEvent } from '../plan/outcome.ts'
import type { Change } from '../plan/plan.ts'
import { failureSchema, summarySchema } from '../plan/plan-schema.ts'
import { renderEvent } from './render-event.ts'
import type { Transfer } from './track-transfers.ts'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const head = { format: v.literal('hyperkit-progress'), version: v.literal(1) }
/** What a document says of a change. */
export const ofChange = {
  server: v.string(),
  action: v.picklist([
    'upload-image',
    'download-image',
    'copy-image',
    'publish-image',
    'update-image',
    'create-alias',
    'update-alias',
    'remove-alias',
    'delete-image',
  ]) satisfies v.GenericSchema<unknown, Change['action']>,
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
    outcome: v.picklist(['done', 'failed', 'interrupted', 'skipped']),
    error: v.exactOptional(failureSchema),
    warnings: v.exactOptional(v.array(v.string())),
  }),
  /** The change goes on or is done; its `ended` has the same sentence in `warnings`. */
  v.strictObject({ ...head, event: v.literal('warning'), ...ofChange, message: v.string() }),
  v.strictObject({ ...head, event: v.literal('message'), message: v.string() }),
])

/** One line of `--progress json`. */
export type ProgressDocument = v.InferOutput<typeof progressSchema>

const format = { format: 'hyperkit-progress', version: 1 } as const

/**
 * The line of `--progress json` for an event.
 *
 * @param transfer how far it is, for a `moved` event
 */
export function describeEvent(event: ApplyEvent, transfer: Transfer | undefined): ProgressDocument {
  if (event.kind === 'waiting') return describeMessage(renderEvent(event))
  const change = event.kind === 'ended' ? event.result.change : event.change
  const facts = factsOfChange(event.server, change)
  if (event.kind === 'begun') return { ...format, event: 'begun', ...facts }
  if (event.kind === 'warned') return { ...format, event: 'warning', ...facts, message: event.message }
  if (event.kind === 'ended') {
    const { outcome, error, warnings } = event.result
    return {
      ...{ ...format, event: 'ended', ...facts, outcome },
      ...(error === undefined ? {} : { error }),
      ...(warnings === undefined ? {} : { warnings }),
    }
  }
  const { bytes = 0, totalBytes, percent, bytesPerSecond, secondsLeft } = transfer ?? {}
  return {
    ...{ ...format, event: 'moved', ...facts, bytes },
    ...(totalBytes === undefined ? {} : { totalBytes }),
    ...(percent === undefined ? {} : { percent: Math.floor(percent * 10) / 10 }),
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
    ...(secondsLeft === undefined ? {} : { secondsLeft }),
  }
}

export function factsOfChange(
  server: string,
  change: Change,
): Pick<Extract<ProgressDocument, { event: 'begun' }>, keyof typeof ofChange> {
  const { action, image, fingerprint } = change
  const alias = 'alias' in change ? { alias: change.alias } : {}
  return { server, action, image, fingerprint, ...alias }
}

/** The line of `--progress json` for a sentence. */
export function describeMessage(message: string): ProgressDocument {
  return { ...format, event: 'message', message }
}

/** The line of `--progress json` for a plan. */
export function describePlanned(summary: v.InferOutput<typeof summarySchema>): ProgressDocument {
  return { ...format, event: 'planned', summary }
}
