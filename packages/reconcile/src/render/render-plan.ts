import { formatBytes, largest, type Paint, plain, showText } from '@hyperkit/terminal/text'
import type {
  Change,
  Plan,
  PlannedServer,
  PlanSummary,
  ServerPlan,
  UnreadServerPlan,
} from '../documents/plan.ts'
import { isKnown } from '../identity/fingerprint-to-come.ts'
import {
  bytesToFetch,
  bytesToUpload,
  changesOf,
  lackingIn,
  problemsOf,
  summarizePlan,
} from '../plan/summarize-plan.ts'
import { countThings } from './count-things.ts'
import { describeChange, showName } from './describe-change.ts'
import { renderMessage } from './render-message.ts'
import { renderPlannedWaves } from './render-rollout.ts'
import { renderDoubt, renderUnseenSpace } from './render-space.ts'
import { renderHidden } from './render-spared.ts'

/**
 * The plan as text for people: one line for each change with its fields below, and a summary last. Servers with the same
 * changes are grouped. A value that the manifest takes from a secret variable is shown like any other.
 *
 * @param paint marks parts of the text, for a terminal with colours; by default nothing is marked
 *
 * @example
 * ```ts
 * const manifest = await loadManifest('images.yaml')
 * console.log(renderPlan(await planManifest(manifest)))
 * ```
 */
export function renderPlan(plan: Plan, paint: Paint = plain): string {
  return `${[...renderServers(plan.servers, paint), renderSummary(plan, paint)].join('\n\n')}\n`
}

/** The part of {@link renderPlan} about servers, as sections; servers without changes have none. */
export function renderServers(servers: readonly ServerPlan[], paint: Paint = plain): string[] {
  const groups = new Map<string, PlannedServer[]>()
  const sections: (() => string)[] = []
  for (const server of servers) {
    if (server.status === 'unread') sections.push(() => renderUnread(server, paint))
    else if (server.changes.length + (server.problems ?? []).length > 0) {
      // Plans that read the same are grouped, although the ETags differ from server to server.
      const key = [
        ...alignTitles(server.changes, (_, text) => text),
        ...server.changes.map(({ fingerprint }) => (isKnown(fingerprint) ? fingerprint : '')),
        ...renderProblems(server, (_, text) => text),
      ].join('\n')
      const group = groups.get(key)
      if (group === undefined) {
        const fresh = [server]
        groups.set(key, fresh)
        sections.push(() => renderGroup(fresh, paint))
      } else group.push(server)
    }
  }
  return sections.map((render) => render())
}

function renderUnread({ name, error }: UnreadServerPlan, paint: Paint): string {
  return [paint('heading', name), paint('error', `  ! not read: ${renderMessage(error.message)}`)].join('\n')
}

function renderGroup(servers: readonly PlannedServer[], paint: Paint): string {
  const [first] = servers
  const changes = first?.changes ?? []
  const count = servers.length
  const sizes = [
    sizeOf(bytesToUpload(changes), 'send to', count),
    sizeOf(bytesToFetch(changes), 'fetch for', count),
  ].filter((size) => size !== '')
  const kinds = new Set(servers.map(kindOf))
  const names = wrapNames(servers.map(({ name }) => name)).map((line) => paint('heading', line))
  return [
    `${names.join('\n')} ${paint('dim', `(${[...kinds].join(', ')})${sizes.length === 0 ? '' : `: ${sizes.join('; ')}`}`)}`,
    ...alignTitles(changes, paint),
    ...(first === undefined ? [] : renderProblems(first, paint)),
  ].join('\n')
}

/** `12.3 MB to send`, `12.3 MB to send to each, 24.6 MB in all` */
function sizeOf(bytes: number, what: string, count: number): string {
  if (bytes === 0) return ''
  const [verb = ''] = what.split(' ')
  return count === 1
    ? `${formatBytes(bytes)} to ${verb}`
    : `${formatBytes(bytes)} to ${what} each, ${formatBytes(bytes * count)} in all`
}

function renderProblems({ problems = [], space }: PlannedServer, paint: Paint): string[] {
  return [
    ...[...problems, ...(space?.lacking ?? [])].map(({ image, error }) =>
      paint('error', `  ! image ${showName(image)}: ${renderMessage(error.message)}`),
    ),
    ...renderDoubt(space, paint),
  ]
}

function kindOf({ dialect, serverVersion }: PlannedServer): string {
  return showText(serverVersion === null ? dialect : `${dialect} ${serverVersion}`)
}

/** The names with commas, in lines that fit a terminal. */
function wrapNames(names: readonly string[]): string[] {
  const lines = ['']
  names.forEach((name, index) => {
    const text = index === names.length - 1 ? name : `${name},`
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + 1 + text.length > 78) lines.push(text)
    else lines[lines.length - 1] = line === '' ? text : `${line} ${text}`
  })
  return lines
}

function alignTitles(changes: readonly Change[], paint: Paint): string[] {
  const all = changes.map(describeChange)
  const width = Math.min(60, largest(all.map(({ title }) => title.length)))
  return all.flatMap(({ sign, tone, title, detail, fields }) => {
    const names = largest(fields.map(({ name }) => name.length))
    return [
      `  ${paint(tone, `${sign} ${title.padEnd(width)}`)}  ${detail}`,
      ...fields.map(
        (field) => `      ${paint(field.tone, `${field.sign} ${field.name.padEnd(names)}`)}  ${field.value}`,
      ),
    ]
  })
}

/** The end of {@link renderPlan}: its waves, how much it changes, and what it leaves out. */
export function renderSummary(plan: Plan, paint: Paint = plain): string {
  return [renderPlannedWaves(plan, paint), summaryOf(plan, paint)].filter((part) => part !== '').join('\n\n')
}

function summaryOf(plan: Plan, paint: Paint): string {
  const summary = summarizePlan(plan)
  const unread =
    summary.serversUnread === 0
      ? ''
      : paint(
          'error',
          `${countThings(summary.serversUnread, 'server')} cannot be read; nothing is planned there.`,
        )
  const unpruned = renderNotPruned(plan)
  const unresolved =
    summary.imagesUnresolved === 0
      ? ''
      : paint('error', `${countThings(summary.imagesUnresolved, 'image')} cannot be planned; see above.`)
  const lacking = lackingIn(plan).length
  const unfit =
    lacking === 0
      ? ''
      : paint(
          'error',
          `${countThings(lacking, 'image')} ${lacking === 1 ? 'does' : 'do'} not fit; see above.`,
        )
  const withDetails = (first: string): string =>
    [first, unresolved, unfit, renderUnseenSpace(plan), unpruned, renderHidden(plan, paint)]
      .filter((line) => line !== '')
      .join('\n')
  // What could not be read comes first: "No changes" would be taken for the whole answer.
  if (changesOf(plan).length === 0)
    return [unread, withDetails(nothingToDo(plan))].filter((text) => text !== '').join('\n')
  const { imagesToUpload, imagesToUpdate, imagesToDelete, aliasesToDescribe, aliasesToRemove } = summary
  const size = imagesToUpload === 0 ? '' : ` (${formatBytes(summary.bytesToUpload)})`
  const parts = [
    `${countThings(imagesToUpload, 'image')} to upload${size}`,
    ...fetchedParts(summary),
    ...(imagesToUpdate === 0 ? [] : [`${imagesToUpdate} to update`]),
    ...(imagesToDelete === 0 ? [] : [`${imagesToDelete} to delete`]),
    `${countThings(summary.aliasesToCreate, 'alias')} to create`,
    `${summary.aliasesToMove} to move`,
    ...(aliasesToDescribe === 0 ? [] : [`${aliasesToDescribe} to mark or describe`]),
    `${aliasesToRemove} to remove`,
  ]
  const planned = `${paint('heading', 'Plan:')} ${parts.join(', ')}`
  return withDetails(unread === '' ? planned : `${planned}\n${unread}`)
}

/** Why nothing is pruned, once for all servers with the same reason. */
function renderNotPruned(plan: Plan): string {
  const reasons = new Map<string, string[]>()
  for (const server of plan.servers)
    if (server.status === 'planned' && server.notPruned !== undefined)
      reasons.set(server.notPruned, [...(reasons.get(server.notPruned) ?? []), server.name])
  return [
    ...(plan.notPruned === undefined ? [] : [`Nothing is pruned: ${renderMessage(plan.notPruned)}`]),
    ...[...reasons].map(([why, names]) => `Nothing is pruned on ${names.join(', ')}: ${renderMessage(why)}`),
  ].join('\n')
}

function fetchedParts(summary: PlanSummary): string[] {
  const { imagesToDownload, imagesToCopy, imagesToPublish, bytesToFetch: bytes } = summary
  const size = bytes === 0 ? '' : ` (${formatBytes(bytes)})`
  const fetched = [
    ...(imagesToDownload === 0 ? [] : [`${imagesToDownload} to download`]),
    ...(imagesToCopy === 0 ? [] : [`${imagesToCopy} to copy`]),
  ]
  return [
    ...(fetched.length === 0 ? [] : [`${fetched.join(' and ')}${size}`]),
    ...(imagesToPublish === 0 ? [] : [`${imagesToPublish} to publish`]),
  ]
}

function nothingToDo(plan: Plan): string {
  if (plan.servers.length === 0) return 'No changes. The manifest names no images.'
  const read = plan.servers.filter((server) => server.status === 'planned')
  // If no server could be read, it is unknown whether there is nothing to do.
  if (read.length === 0) return ''
  // A rollback has not read the sources, so it does not know what the manifest wants.
  if (problemsOf(plan).length > 0 || 'rollback' in plan) return 'No changes.'
  const [each = 0, ...others] = new Set(read.map(({ inSync }) => inSync))
  const counted = others.length === 0 && each > 0
  const where = countThings(read.length, 'server')
  const what = counted ? `${countThings(each, 'image')} on ${where}` : where
  const verb = (counted ? each : read.length) === 1 ? 'is' : 'are'
  return `No changes. ${what} ${verb} as "${plan.manifest.file}" says.`
}
