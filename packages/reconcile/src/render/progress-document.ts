import type { Change, PlanSummary } from '../documents/plan.ts'
import type { ofChange, ProgressDocument } from '../documents/progress.ts'
import type { ApplyEvent } from '../plan/apply-event.ts'
import { renderEvent } from './render-event.ts'
import type { Transfer } from './track-transfers.ts'

const format = { format: 'hyperkit-progress', version: 1 } as const

/**
 * The line of `--progress json` for an event.
 *
 * @param transfer its progress, for a `moved` event
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
      ...format,
      event: 'ended',
      ...facts,
      outcome,
      ...(error === undefined ? {} : { error }),
      ...(warnings === undefined ? {} : { warnings }),
    }
  }
  const { bytes = 0, totalBytes, percent, bytesPerSecond, secondsLeft } = transfer ?? {}
  return {
    ...format,
    event: 'moved',
    ...facts,
    bytes,
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
export function describePlanned(summary: PlanSummary): ProgressDocument {
  return { ...format, event: 'planned', summary }
}
