import type { ServerState } from '../documents/watch.ts'
import { describeChange } from './describe-change.ts'
import { renderEvent } from './render-event.ts'
import type { WatchEvent } from './watch-event.ts'

/**
 * An event of a watch as a line with its time; undefined for events that are only for programs. Changes that were made, or
 * would be made in a dry run, are results; all other lines are messages.
 */
export function renderWatchEvent(
  event: WatchEvent,
  at: Date,
): { isResult: boolean; line: string } | undefined {
  const text = textOf(event)
  if (text === undefined) return undefined
  const isResult = event.kind === 'pending' || (event.kind === 'change' && event.result.outcome === 'done')
  return { isResult, line: `${at.toISOString().slice(0, 19)}Z ${text}` }
}

function textOf(event: WatchEvent): string | undefined {
  switch (event.kind) {
    case 'change':
      return renderEvent({ kind: 'ended', server: event.server, result: event.result })
    case 'warned':
      return renderEvent(event)
    case 'pending': {
      const { title, detail } = describeChange(event.change)
      return `${event.server}: pending: ${title}, ${detail}`
    }
    case 'server':
      return `${event.server}: ${stateWords[event.state]}${event.message === undefined ? '' : `: ${event.message}`}`
    case 'manifest':
      return event.state === 'loaded'
        ? event.message
        : `the manifest is not valid; the last valid one stays in use:\n${event.message}`
    case 'message':
      return event.message
    case 'run':
      return undefined
  }
}

const stateWords: Readonly<Record<ServerState, string>> = {
  connected: 'connected',
  lost: 'connection lost',
  failed: 'failed',
  recovered: 'recovered',
  'in-sync': 'in sync again',
}
