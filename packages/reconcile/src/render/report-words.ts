import { formatBytes } from '@hyperkit/terminal/text'
import type { CellState, RunReport } from '../documents/run-report.ts'
import { countThings } from './count-things.ts'
import { listServers } from './render-rollout.ts'

/** Each state as a sign that needs no colour, and in words. */
export const stateSigns: Readonly<Record<CellState, { sign: string; word: string }>> = {
  'in-sync': { sign: '=', word: 'as the manifest says' },
  absent: { sign: '∅', word: 'absent, as the manifest says' },
  planned: { sign: '~', word: 'to be changed' },
  done: { sign: '✓', word: 'changed' },
  failed: { sign: '✗', word: 'failed' },
  skipped: { sign: '…', word: 'not started' },
  waiting: { sign: '»', word: 'left to the next pass' },
  unknown: { sign: '?', word: 'could not be read' },
}

/** `Done: 3 changes on 2 servers, 12.3 MB sent.` */
export function headlineOf({ run, summary, refusals, servers: all, waves = [] }: RunReport): string {
  const { changes, changesDone, changesNotDone, changesWaiting = 0, serversUnread, servers, bytes } = summary
  const unread = serversUnread === 0 ? '' : ` ${countThings(serversUnread, 'server')} could not be read.`
  if (refusals.length > 0) return `Refused: nothing was done.${unread}`
  // A server without changes fails if an image could not be planned.
  const unplanned = all.filter(({ state }) => state === 'failed').length
  if (changes === 0 && unplanned > 0)
    return `No changes; not everything could be planned on ${countThings(unplanned, 'server')}.${unread}`
  if (changes === 0) return `No changes on ${countThings(servers - serversUnread, 'server')}.${unread}`
  const size = bytes === 0 ? '' : `, ${formatBytes(bytes)}`
  if (run === 'plan')
    return `Plan: ${countThings(changes, 'change')} to do${size && `${size} to send`}.${unread}`
  const sent = size && `${size} sent`
  if (changesNotDone + changesWaiting > 0) {
    const failed = changesNotDone === 0 ? '' : `, ${changesNotDone} not done`
    const left = changesWaiting === 0 ? '' : `, ${changesWaiting} left to the next pass`
    return `Not all done: ${changesDone} of ${countThings(changes, 'change')}${sent}${failed}${left}.${unread}`
  }
  const isWhole = serversUnread === 0 && waves.every(({ state }) => state !== 'failed')
  return `${isWhole ? 'Done' : 'Not all done'}: ${countThings(changesDone, 'change')}${sent}.${unread}`
}

/** The waves that did not end well: `Wave 1 (edge1): failed: the check exited with 1`. */
export function describeWaves({ waves = [] }: RunReport): string[] {
  return waves
    .filter(({ state }) => ['failed', 'skipped', 'unknown'].includes(state))
    .map(({ wave, servers, state, error }) => {
      const what = `Wave ${wave} (${listServers(servers)}): ${stateSigns[state].word}`
      return error === null ? what : `${what}: ${error}`
    })
}
