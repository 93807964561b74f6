import type { WatchDocument } from '../documents/watch.ts'
import { factsOfChange } from './progress-document.ts'
import type { WatchEvent } from './watch-event.ts'

/** The line of `watch --json` for an event. */
export function describeWatchEvent(event: WatchEvent, at: Date): WatchDocument {
  const start = { format: 'hyperkit-watch', version: 1, at: at.toISOString() } as const
  switch (event.kind) {
    case 'change': {
      const { change, outcome, error, warnings } = event.result
      const facts = factsOfChange(event.server, change)
      return {
        ...start,
        event: 'change',
        ...facts,
        outcome,
        ...(error === undefined ? {} : { error }),
        ...(warnings === undefined ? {} : { warnings }),
      }
    }
    case 'warned':
      return {
        ...start,
        event: 'warning',
        ...factsOfChange(event.server, event.change),
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
