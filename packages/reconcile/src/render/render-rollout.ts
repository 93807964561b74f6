import { largest, type Paint, showText } from '@hyperkit/terminal/text'
import type { ApplyReport } from '../documents/apply-report.ts'
import type { Failure } from '../documents/error.ts'
import type { Plan } from '../documents/plan.ts'
import type { PlannedRollout, PlannedWave, ReportedWave } from '../documents/rollout.ts'
import { countThings } from './count-things.ts'
import { renderMessage } from './render-message.ts'

/** The waves of a plan, one a line: its servers, and what it waits for. Empty if there are none, or nothing to do in any. */
export function renderPlannedWaves({ rollout, servers }: Plan, paint: Paint): string {
  if (rollout === undefined || rollout.waves.every(({ state }) => state === 'in-sync')) return ''
  const names = rollout.waves.map((wave) => listServers(wave.servers))
  const width = largest(names.map(({ length }) => length))
  const lines = rollout.waves.map((wave, index) => {
    const changes = servers
      .filter(({ name }) => wave.servers.includes(name))
      .reduce((sum, server) => sum + (server.status === 'planned' ? server.changes.length : 0), 0)
    const line = `  wave ${wave.wave}  ${(names[index] ?? '').padEnd(width)}  ${describeWave(wave, changes, rollout)}`
    return wave.state === 'unread' || wave.state === 'failed' ? paint('error', line) : line
  })
  const checked = rollout.checked ? ', each checked before the next begins' : ''
  return [`${paint('heading', 'Rollout')} in waves${checked}:`, ...lines].join('\n')
}

function describeWave(
  wave: PlannedWave,
  changes: number,
  { waves, checked, pauseOnFailure }: PlannedRollout,
): string {
  const wait = pauseOnFailure && wave !== waves.at(-1) ? ', so the waves after it wait' : ''
  const trouble = {
    'in-sync': '',
    changes: '',
    failed: `not everything can be planned${wait}`,
    unread: `not everything can be read${wait}`,
  }[wave.state]
  const hold = waves.find((each) => each.wave === wave.waitsFor)
  const after =
    hold === undefined
      ? ''
      : `, after ${checked && hold.state === 'in-sync' ? 'the check of ' : ''}wave ${hold.wave}`
  const work = changes === 0 ? '' : `${countThings(changes, 'change')}${after}`
  return [trouble, work].filter((text) => text !== '').join('; ') || 'in sync'
}

/** `edge1, edge2`, `edge1, edge2, edge3 and 14 more` */
export function listServers(names: readonly string[]): string {
  const shown = names.slice(0, names.length === 4 ? 4 : 3).map((name) => showText(name))
  const left = names.length - shown.length
  return left === 0 ? shown.join(', ') : `${shown.join(', ')} and ${left} more`
}

/** The waves of an apply that did not end well, one a line. */
export function renderReportedWaves({ rollout }: ApplyReport, paint: Paint): string {
  const lines = (rollout?.waves ?? []).flatMap((wave) => renderWave(wave, paint))
  return lines.length === 0 ? '' : [paint('heading', 'Rollout'), ...lines].join('\n')
}

function renderWave({ wave, servers, state, error, passed }: ReportedWave, paint: Paint): string[] {
  const head = `wave ${wave}  ${listServers(servers)}`
  if (state === 'waiting') return [paint('dim', `  waiting  ${head}`)]
  if (state === 'done') return []
  const went = passed === true ? '; the waves after it went on' : ''
  return [paint('error', `  ${state.padEnd(7)}  ${head}: ${renderMessage(error?.message ?? state)}${went}`)]
}

/**
 * The failures of a rollout that are not those of single servers: that it is paused, and which checks failed; none if all waves are done,
 * or were interrupted.
 */
export function explainRollout({ rollout }: Pick<ApplyReport, 'rollout'>): Failure[] {
  const { waves = [], paused: after } = rollout ?? {}
  return waves.flatMap(({ wave, state, error }): Failure[] => {
    if (state !== 'failed' || error === undefined) return []
    if (wave === after) return [{ code: paused, message: explainPause(wave, error, waves) }]
    return error.code === checkFailed
      ? [{ code: checkFailed, message: `Wave ${wave} failed: ${error.message}` }]
      : []
  })
}

/** The code of what a paused rollout has not begun. */
export const paused = 'paused'

/** The code of a wave whose check failed. */
export const checkFailed = 'check-failed'

function explainPause(wave: number, { message }: Failure, waves: readonly ReportedWave[]): string {
  const waiting = waves.filter(({ state }) => state === 'waiting').map((each) => each.wave)
  const which = waiting.length === 1 ? `wave ${waiting[0]} waits` : `waves ${waiting.join(', ')} wait`
  return `The rollout is paused after wave ${wave}: ${message}; ${which}`
}
