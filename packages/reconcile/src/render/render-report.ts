import { formatBytes, type Paint, plain } from '@hyperkit/terminal/text'
import type { ApplyReport, ChangeResult, ServerReport } from '../documents/apply-report.ts'
import { isMove } from '../plan/summarize-plan.ts'
import { countThings } from './count-things.ts'
import { describeChange, showName } from './describe-change.ts'
import { renderMessage } from './render-message.ts'
import { renderReportedWaves } from './render-rollout.ts'

/**
 * The report as text for people: every change of each server on which something failed, with its outcome and the reason, and
 * a summary last.
 *
 * @param paint marks parts of the text, for a terminal with colours; by default nothing is marked
 *
 * @example
 * ```ts
 * const manifest = await loadManifest('images.yaml')
 * const report = await applyPlan(await planManifest(manifest), { manifest })
 * console.log(renderReport(report))
 * ```
 */
export function renderReport(report: ApplyReport, paint: Paint = plain): string {
  const sections = report.servers
    // Those that wait are listed with their waves.
    .filter((server) => !['done', 'waiting'].includes(server.status) || warningsOf(server).length > 0)
    .map((server) => renderServer(server, paint).join('\n'))
  const waves = renderReportedWaves(report, paint)
  return `${[...sections, ...(waves === '' ? [] : [waves]), summaryOf(report, paint)].join('\n\n')}\n`
}

function renderServer(server: ServerReport, paint: Paint): string[] {
  const through = server.address === undefined ? '' : ` (through ${server.address})`
  const heading = paint('heading', `${server.name}${through}`)
  if (server.status === 'unread')
    return [heading, paint('error', `  ! not read: ${renderMessage(server.error?.message ?? '')}`)]
  const problems = (server.problems ?? []).map(({ image, error }) =>
    paint('error', `  ! image ${showName(image)}: ${renderMessage(error.message)}`),
  )
  const warnings = warningsOf(server).map((text) => paint('change', `  ! warning: ${renderMessage(text)}`))
  if (server.status === 'done') return [heading, ...warnings]
  return [heading, ...server.results.map((result) => renderResult(result, paint)), ...problems, ...warnings]
}

function warningsOf({ results }: ServerReport): string[] {
  return results.flatMap(({ change, warnings = [] }) =>
    warnings.map((text) => `${describeChange(change).title}: ${text}`),
  )
}

function renderResult({ change, outcome, error }: ChangeResult, paint: Paint): string {
  const { title } = describeChange(change)
  if (outcome === 'done') return `  done     ${title}`
  const word = { skipped: 'skipped', failed: 'failed ', interrupted: 'interrupted' }[outcome]
  const text = `  ${word}  ${title}: ${renderMessage(error?.message ?? outcome)}`
  return outcome === 'skipped' ? paint('dim', text) : paint('error', text)
}

function summaryOf(report: ApplyReport, paint: Paint): string {
  const results = report.servers.flatMap((server) => server.results)
  const done = results.filter(({ outcome }) => outcome === 'done').map(({ change }) => change)
  const count = (action: string): number => done.filter((change) => change.action === action).length
  const bytes = done.reduce((sum, change) => sum + (change.action === 'upload-image' ? change.bytes : 0), 0)
  const moved = done.filter((change) => change.action === 'update-alias' && isMove(change)).length
  const withImages = done.reduce(
    (sum, change) => sum + (change.action === 'delete-image' ? change.aliases.length : 0),
    0,
  )
  const described = count('update-alias') - moved
  const parts = [
    `${countThings(count('upload-image'), 'image')} uploaded${bytes === 0 ? '' : ` (${formatBytes(bytes)})`}`,
    ...(count('download-image') === 0 ? [] : [`${count('download-image')} downloaded`]),
    ...(count('copy-image') === 0 ? [] : [`${count('copy-image')} copied`]),
    ...(count('publish-image') === 0 ? [] : [`${count('publish-image')} published`]),
    ...(count('update-image') === 0 ? [] : [`${count('update-image')} updated`]),
    ...(count('delete-image') === 0 ? [] : [`${count('delete-image')} deleted`]),
    `${countThings(count('create-alias'), 'alias')} created`,
    `${moved} moved`,
    ...(described === 0 ? [] : [`${described} marked or described`]),
    `${count('remove-alias') + withImages} removed`,
  ]
  const waiting = report.servers.filter(({ status }) => status === 'waiting').length
  const left = results.length - done.length
  const unresolved = report.servers.reduce((sum, { problems = [] }) => sum + problems.length, 0)
  const failedWaves = (report.rollout?.waves ?? []).filter(({ state }) => state === 'failed').length
  const unread = report.servers.filter(({ status }) => status === 'unread').length
  const problems = [
    ...(left === 0 ? [] : [`${countThings(left, 'change')} not done`]),
    ...(unresolved === 0 ? [] : [`${countThings(unresolved, 'image')} could not be planned`]),
    ...(unread === 0 ? [] : [`${countThings(unread, 'server')} could not be read`]),
    ...(waiting === 0 ? [] : [`${countThings(waiting, 'server')} waiting`]),
    ...(failedWaves === 0 ? [] : [`${failedWaves === 1 ? 'one wave' : `${failedWaves} waves`} failed`]),
  ]
  const sentence = `${paint('heading', problems.length === 0 ? 'Done:' : 'Not all done:')} ${parts.join(', ')}.`
  return problems.length === 0
    ? sentence
    : `${sentence} ${paint('error', `${problems.join(', ')}; ${report.rollout?.paused === undefined ? 'run apply again to continue' : 'run apply again to continue, or with --resume to pass one failure'}.`)}`
}
