import type { Desired, DesiredServer } from '../desired/desired.ts'
import type { ApplyReport, ChangeResult, ServerReport } from '../documents/apply-report.ts'
import type { Change, Plan, ServerPlan } from '../documents/plan.ts'
import type {
  CellState,
  ReportedCell,
  ReportedChange,
  ReportedServer,
  RunReport,
} from '../documents/run-report.ts'
import { isCreation } from '../plan/plan-creation.ts'
import { describeChange } from './describe-change.ts'
import { explainChange } from './explain-change.ts'
import { reportWaves } from './report-waves.ts'

/** A run, as input of a report. */
export interface Run {
  at: Date
  /** Names, in the order of the report. */
  images: readonly string[]
  desired: Desired
  plan: Plan
  /** Undefined if nothing was applied. */
  outcome?: ApplyReport | undefined
  /** What is left to a later pass on a server, and the servers on which an earlier pass still works. @default nothing */
  left?: ReadonlyMap<string, LeftChanges> | undefined
  refusals: readonly string[]
}

/** Changes of a server that were not made, because an earlier pass still works on servers that they need. */
export interface LeftChanges {
  changes: readonly Change[]
  busy: readonly string[]
}

/** One document of what a run found, planned and did. */
export function buildReport({ at, images, desired, plan, outcome, left, refusals }: Run): RunReport {
  const servers = plan.servers.map((server) =>
    reportServer(
      server,
      desired.servers.find(({ name }) => name === server.name),
      outcome?.servers.find(({ name }) => name === server.name),
      left?.get(server.name),
    ),
  )
  const shown = new Set(servers.flatMap((server) => server.cells.map(({ image }) => image)))
  const changes = servers.flatMap((server) => server.changes)
  const waves = reportWaves(plan, outcome)
  const count = (state: CellState): number => changes.filter((change) => change.state === state).length
  return {
    format: 'hyperkit-report',
    version: 1,
    run: outcome === undefined ? 'plan' : 'apply',
    at: at.toISOString(),
    manifest: plan.manifest,
    summary: {
      servers: servers.length,
      serversInSync: servers.filter(({ state }) => state === 'in-sync').length,
      serversUnread: servers.filter(({ state }) => state === 'unknown').length,
      changes: changes.length,
      changesDone: count('done'),
      changesNotDone: count('failed') + count('skipped'),
      ...(count('waiting') === 0 ? {} : { changesWaiting: count('waiting') }),
      bytes: bytesOf(plan, outcome),
    },
    images: [...new Set([...images, ...shown])].filter((image) => shown.has(image)),
    servers,
    ...(waves === undefined ? {} : { waves }),
    refusals: [...refusals],
  }
}

function bytesOf(plan: Plan, outcome: ApplyReport | undefined): number {
  const planned = plan.servers.flatMap((server) => (server.status === 'planned' ? server.changes : []))
  const done = outcome?.servers.flatMap(({ results }) =>
    results.filter((result) => result.outcome === 'done').map(({ change }) => change),
  )
  return (done ?? planned).reduce(
    (sum, change) => sum + ('bytes' in change && isCreation(change) ? (change.bytes ?? 0) : 0),
    0,
  )
}

function reportServer(
  planned: ServerPlan,
  wanted: DesiredServer | undefined,
  outcome: ServerReport | undefined,
  left: LeftChanges | undefined,
): ReportedServer {
  const { name } = planned
  if (planned.status === 'unread') {
    const cells = cellsOf(wanted, () => 'unknown')
    return { name, kind: null, state: 'unknown', error: planned.error.message, cells, changes: [] }
  }
  const changes = planned.changes.map((change, index) => reportChange(change, outcome?.results[index], left))
  const problems = [...(planned.problems ?? []), ...(planned.space?.lacking ?? [])]
  const cells = cellsOf(wanted, (names, isAbsent) => {
    if (problems.some(({ image }) => names.includes(image))) return 'failed'
    const states = changes.filter(({ image }) => names.includes(image)).map(({ state }) => state)
    return states.length === 0 && isAbsent ? 'absent' : worst(states)
  })
  const listed = new Set(cells.map(({ image }) => image))
  for (const { image } of changes)
    if (!listed.has(image)) {
      listed.add(image)
      cells.push({
        image,
        state: worst(changes.filter((each) => each.image === image).map(({ state }) => state)),
      })
    }
  const version = planned.serverVersion === null ? '' : ` ${planned.serverVersion}`
  return {
    name,
    kind: `${planned.dialect}${version}`,
    state: worst([...changes.map(({ state }) => state), ...problems.map(() => 'failed' as const)]),
    error: outcome?.error?.message ?? (problems.map(({ error }) => error.message).join('\n') || null),
    cells,
    changes,
  }
}

function cellsOf(
  wanted: DesiredServer | undefined,
  stateOf: (names: readonly string[], isAbsent: boolean) => CellState,
): ReportedCell[] {
  const images = (wanted?.images ?? []).flatMap(({ names }) =>
    names.map((image) => ({ image, state: stateOf(names, false) })),
  )
  const unresolved = (wanted?.unresolved ?? []).map(({ name }) => ({
    image: name,
    state: 'unknown' as const,
  }))
  const absent = (wanted?.absent ?? []).map(({ name }) => ({ image: name, state: stateOf([name], true) }))
  return [...images, ...unresolved, ...absent]
}

function reportChange(
  change: Change,
  result: ChangeResult | undefined,
  left: LeftChanges | undefined,
): ReportedChange {
  const isLeft = result !== undefined && left?.changes.includes(result.change) === true
  const { title, detail, fields } = describeChange(change)
  return {
    image: change.image,
    action: change.action,
    fingerprint: change.fingerprint,
    title,
    detail,
    why: explainChange(change),
    state: isLeft ? 'waiting' : stateOf(result),
    error: isLeft ? explainLeft(left) : (result?.error?.message ?? null),
    ...(result?.warnings === undefined ? {} : { warnings: result.warnings }),
    fields: fields.map(({ name, value }) => ({ name, value })),
  }
}

/** Why changes are left to a later pass. */
export function explainLeft({ busy }: Pick<LeftChanges, 'busy'>): string {
  const list = busy.map((name) => `"${name}"`).join(', ')
  return `waits for an earlier pass that still works on ${list}, to copy from there`
}

function stateOf(result: ChangeResult | undefined): CellState {
  if (result === undefined) return 'planned'
  return result.outcome === 'interrupted' ? 'failed' : result.outcome
}

function worst(states: readonly CellState[]): CellState {
  return (
    (['failed', 'skipped', 'waiting', 'planned', 'done'] as const).find((state) => states.includes(state)) ??
    'in-sync'
  )
}
