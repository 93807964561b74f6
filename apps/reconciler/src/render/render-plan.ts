import type { Change, Plan, ServerPlan } from '../plan/plan.ts'
import { changesOf, summarizePlan } from '../plan/summarize-plan.ts'
import { countThings } from './count-things.ts'
import { describeChange } from './describe-change.ts'
import { formatBytes } from './format-bytes.ts'
import type { Paint } from './paint.ts'

/** The plan as people read it: grouped by server, one line a change, fields below, a summary last. */
export function renderPlan(plan: Plan, paint: Paint): string {
  const sections = plan.servers
    .filter((server) => server.status === 'unread' || server.changes.length > 0)
    .map((server) => renderServer(server, paint).join('\n'))
  return `${[...sections, summaryOf(plan, paint)].join('\n\n')}\n`
}

function renderServer(server: ServerPlan, paint: Paint): string[] {
  if (server.status === 'unread')
    return [paint('heading', server.name), paint('error', `  ! cannot be read: ${server.error.message}`)]
  const version = server.serverVersion === null ? '' : ` ${server.serverVersion}`
  return [
    `${paint('heading', server.name)} ${paint('dim', `(${server.dialect}${version})`)}`,
    ...alignTitles(server.changes, paint),
  ]
}

function alignTitles(changes: readonly Change[], paint: Paint): string[] {
  const all = changes.map(describeChange)
  const width = Math.min(60, Math.max(...all.map(({ title }) => title.length)))
  return all.flatMap(({ sign, tone, title, detail, fields }) => {
    const names = Math.max(0, ...fields.map(({ name }) => name.length))
    return [
      `  ${paint(tone, `${sign} ${title.padEnd(width)}`)}  ${detail}`,
      ...fields.map(
        (field) => `      ${paint(field.tone, `${field.sign} ${field.name.padEnd(names)}`)}  ${field.value}`,
      ),
    ]
  })
}

function summaryOf(plan: Plan, paint: Paint): string {
  const summary = summarizePlan(plan)
  const unread =
    summary.serversUnread === 0
      ? ''
      : paint(
          'error',
          `\n${countThings(summary.serversUnread, 'server')} cannot be read; nothing is planned there.`,
        )
  const unpruned = plan.notPruned === undefined ? '' : `\nNothing is pruned: ${plan.notPruned}`
  if (changesOf(plan).length === 0) return `${nothingToDo(plan)}${unread}${unpruned}`
  const { imagesToUpload, imagesToUpdate, imagesToDelete, aliasesToDescribe, aliasesToRemove } = summary
  const size = imagesToUpload === 0 ? '' : ` (${formatBytes(summary.bytesToUpload)})`
  const parts = [
    `${countThings(imagesToUpload, 'image')} to upload${size}`,
    ...(imagesToUpdate === 0 ? [] : [`${imagesToUpdate} to update`]),
    ...(imagesToDelete === 0 ? [] : [`${imagesToDelete} to delete`]),
    `${countThings(summary.aliasesToCreate, 'alias')} to create`,
    `${summary.aliasesToMove} to move`,
    ...(aliasesToDescribe === 0 ? [] : [`${aliasesToDescribe} to describe`]),
    `${aliasesToRemove} to remove`,
  ]
  return `${paint('heading', 'Plan:')} ${parts.join(', ')}${unread}${unpruned}`
}

function nothingToDo(plan: Plan): string {
  if (plan.servers.length === 0) return 'No changes. The manifest names no images.'
  const read = plan.servers.filter((server) => server.status === 'planned')
  if (read.length === 0) return 'No changes.'
  const [each = 0, ...others] = new Set(read.map(({ inSync }) => inSync))
  const counted = others.length === 0 && each > 0
  const where = countThings(read.length, 'server')
  const what = counted ? `${countThings(each, 'image')} on ${where}` : where
  const verb = (counted ? each : read.length) === 1 ? 'is' : 'are'
  return `No changes. ${what} ${verb} as "${plan.manifest.file}" says.`
}
