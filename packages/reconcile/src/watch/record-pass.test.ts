import { beforeEach, describe, expect, test } from 'vitest'
import type { Change } from '../documents/plan.ts'
import type { Reason } from '../documents/watch.ts'
import type { WatchEvent } from '../render/watch-event.ts'
import { createWatchMetrics } from './metrics/watch-metrics.ts'
import type { PassResult, ServerResult } from './pass-result.ts'
import type { EventFilter } from './queue/event-filter.ts'
import { type PassRecord, recordPass } from './record-pass.ts'
import type { WatchedServer } from './watched-server.ts'

const change: Change = {
  action: 'create-alias',
  image: 'web',
  alias: 'web',
  fingerprint: 'f'.repeat(64),
  after: { target: 'f'.repeat(64), description: '' },
}

let servers: Map<string, WatchedServer>
let events: WatchEvent[]
let queued: [string | undefined, number, Reason][]
let held: [readonly string[], string, Reason][]
let passes = 0
let metrics: ReturnType<typeof createWatchMetrics>
beforeEach(() => {
  servers = new Map(
    ['a', 'b'].map((name) => [
      name,
      { name, isConnected: true, failures: 0, pending: new Set(), dependents: [], changedAt: [] },
    ]),
  )
  events = []
  queued = []
  held = []
  metrics = createWatchMetrics({})
})

const begin = (reason: Reason, isInterrupted = false): PassRecord => {
  passes += 1
  return recordPass({
    pass: { servers: 'all', reasons: [reason] },
    number: passes,
    isInterrupted: () => isInterrupted,
    servers,
    tell: (event) => events.push(event),
    metrics,
    enqueue: (...entry) => queued.push(entry),
    enqueueAfter: (...entry) => held.push(entry),
  })
}
const record = (
  result: Omit<Partial<PassResult>, 'servers'> & { servers: (Partial<ServerResult> & { name: string })[] },
  {
    reason = 'schedule',
    isInterrupted = false,
    worked = [],
  }: { reason?: Reason; isInterrupted?: boolean; worked?: readonly string[] } = {},
): void => {
  const found: PassResult = {
    refusals: [],
    report: () => {
      throw new Error('no report was expected')
    },
    ...result,
    servers: result.servers.map((server) => ({ results: [], pending: [], ...server })),
  }
  const record = begin(reason, isInterrupted)
  for (const name of worked) {
    const server = found.servers.find((each) => each.name === name)
    if (server !== undefined) record.worked(server)
  }
  record.end(found, 1)
}
/** The events without runs, which only programs get. */
const lines = (): WatchEvent[] => events.filter(({ kind }) => kind !== 'run')
const failure = { code: 'server-error', message: 'it is ill' }

describe('failures of one server', () => {
  test('a failure is reported once, retried with longer and longer pauses, and its end is reported', () => {
    for (let time = 0; time < 3; time++) record({ servers: [{ name: 'a', failure }, { name: 'b' }] })
    expect(lines()).toEqual([{ kind: 'server', server: 'a', state: 'failed', message: 'it is ill' }])
    expect(queued.map(([server, , reason]) => [server, reason])).toEqual([
      ['a', 'retry'],
      ['a', 'retry'],
      ['a', 'retry'],
    ])
    const [[, first] = [], , [, third] = []] = queued
    expect(first).toBeGreaterThanOrEqual(2500)
    expect(third).toBeGreaterThanOrEqual(10_000)
    record({ servers: [{ name: 'a' }] })
    expect(lines().at(-1)).toEqual({ kind: 'server', server: 'a', state: 'recovered' })
    expect(servers.get('a')).toMatchObject({ isGood: true, failures: 0 })
  })

  test('an unreachable server is reported at each pass, and not retried until it is connected', () => {
    const gone = { code: 'unreachable', message: 'no way' }
    Object.assign(servers.get('a') ?? {}, { isConnected: false })
    for (let time = 0; time < 2; time++) record({ servers: [{ name: 'a', failure: gone }] })
    const failed = { kind: 'server', server: 'a', state: 'failed', message: 'no way' }
    expect([queued, lines()]).toEqual([[], [failed, failed]])
    record({ servers: [{ name: 'a' }] })
    expect(lines().at(-1)).toMatchObject({ server: 'a', state: 'recovered' })
    Object.assign(servers.get('a') ?? {}, { isConnected: true })
    record({ servers: [{ name: 'a', failure: gone }] })
    expect(queued).toHaveLength(1)
    expect(lines().at(-1)).toMatchObject({ server: 'a', state: 'failed' })
  })
})

describe('failures of all servers', () => {
  test('a failure of all servers is reported once, and so is its end', () => {
    for (let time = 0; time < 2; time++) record({ failure, servers: [{ name: 'a' }, { name: 'b' }] })
    expect(lines()).toEqual([{ kind: 'message', message: 'it is ill' }])
    expect(new Set(queued.map(([, delay]) => delay)).size).toBe(2)
    record({ servers: [{ name: 'a' }, { name: 'b' }] })
    expect(lines().at(-1)).toEqual({ kind: 'message', message: 'all servers have recovered', isNote: true })
  })

  test('a failure of all servers is over at the end of a pass, also on servers whose work has ended before', () => {
    record({ failure, servers: [{ name: 'a' }, { name: 'b' }] }, { worked: ['a'] })
    record({ failure, servers: [{ name: 'a' }, { name: 'b' }] }, { worked: ['a'] })
    record({ servers: [{ name: 'a' }, { name: 'b' }] }, { worked: ['a'] })
    expect(lines()).toEqual([
      { kind: 'message', message: 'it is ill' },
      { kind: 'message', message: 'all servers have recovered', isNote: true },
    ])
    expect(servers.get('a')).toMatchObject({ isGood: true, failures: 0 })
  })

  test('a refusal is reported once for all servers, and does not count as a success', () => {
    record({ refusals: ['Cannot prune'], servers: [{ name: 'a', pending: [change] }] })
    expect(lines()).toEqual([{ kind: 'message', message: 'Cannot prune\nNothing was done' }])
    expect(metrics.registry.render()).toContain('hyperkit_runs_total{result="refused"} 1')
    expect(metrics.registry.render()).toContain('hyperkit_pending_changes{server="a"} 1')
    expect(metrics.registry.render()).not.toContain('last_success_timestamp_seconds{server="a"}')
  })
})

test('the same drift is reported once, and so is its end', () => {
  for (let time = 0; time < 3; time++) record({ servers: [{ name: 'a', pending: [change] }] })
  record({ servers: [{ name: 'a' }] })
  expect(lines()).toEqual([
    { kind: 'pending', server: 'a', change },
    { kind: 'server', server: 'a', state: 'in-sync' },
  ])
})

test('a pass without changes is not reported, and an interrupted one is, without a failure of a server', () => {
  record({ servers: [{ name: 'a' }] })
  expect(events).toEqual([])
  record({ failure, servers: [{ name: 'a' }] }, { isInterrupted: true })
  expect(events).toMatchObject([{ kind: 'run', run: { result: 'interrupted' } }])
  expect([queued, servers.get('a')?.failure]).toEqual([[], undefined])
})

test('a pass that ends after a newer one only counts its changes', () => {
  const filterOf = (alias: string): EventFilter => ({
    aliases: new Set([alias]),
    fingerprints: new Set(),
    wantsAbsence: false,
  })
  const well = { name: 'a', results: [], pending: [], filter: filterOf('old') }
  const older = begin('schedule')
  older.worked(well)
  const filter = filterOf('new')
  record({ servers: [{ ...well, failure, filter }] })
  const ended = { ...well, results: [{ change, outcome: 'done' as const }] }
  older.end({ servers: [ended], refusals: [], report: () => expect.unreachable() }, 1)
  expect(lines()).toEqual([{ kind: 'server', server: 'a', state: 'failed', message: 'it is ill' }])
  expect(servers.get('a')).toMatchObject({ isGood: false, failures: 1 })
  expect(servers.get('a')?.filter).toBe(filter)
  expect(metrics.registry.render()).toMatch(/hyperkit_changes_total\{.*outcome="done".*\} 1/)
})

test('a server that is changed back again and again because of events is reported once', () => {
  const results = [{ change, outcome: 'done' as const }]
  for (let time = 0; time < 7; time++) record({ servers: [{ name: 'a', results }] }, { reason: 'event' })
  expect(lines()).toMatchObject([
    { kind: 'message', message: expect.stringMatching(/^a: corrected 5 times/) },
  ])
  for (let time = 0; time < 7; time++) record({ servers: [{ name: 'b', results }] }, { reason: 'source' })
  expect(lines()).toHaveLength(1)
})

test('what is left to a later pass is neither a failure nor a success, and is queued behind the earlier pass', () => {
  const left = { changes: [change], busy: ['b'] }
  record({ servers: [{ name: 'a', left }] }, { worked: ['a'] })
  expect(lines()).toEqual([
    {
      kind: 'message',
      message: 'a: waits for an earlier pass that still works on "b", to copy from there',
      isNote: true,
    },
  ])
  expect([held, queued]).toEqual([[[['b'], 'a', 'retry']], []])
  expect(servers.get('a')).toMatchObject({ failures: 0 })
  expect(servers.get('a')?.isGood).toBeUndefined()
  expect(metrics.registry.render()).toContain('hyperkit_pending_changes{server="a"} 1')
  expect(metrics.registry.render()).not.toContain('last_success_timestamp_seconds{server="a"}')
})

test('what would be pruned is reported when it is known, and what a partial result has reported is not repeated', () => {
  const pruned: Change = { ...change, action: 'create-alias', alias: 'pruned' }
  for (let pass = 0; pass < 2; pass++) {
    const dry = begin('schedule')
    const server = { name: 'a', results: [], pending: [change] }
    dry.worked({ ...server, isPartial: true })
    expect(lines()).toHaveLength(pass === 0 ? 1 : 2)
    const ended = { ...server, pending: [change, pruned] }
    dry.end({ servers: [ended], refusals: [], report: () => expect.unreachable() }, 1)
  }
  expect(lines()).toEqual([
    { kind: 'pending', server: 'a', change },
    { kind: 'pending', server: 'a', change: pruned },
  ])
  expect(metrics.registry.render()).toContain('hyperkit_pending_changes{server="a"} 2')
})

test('a failure of a partial result counts once in its pass, and another one at the end counts too', () => {
  const server = { name: 'a', results: [], pending: [], failure }
  const failed = (): number => servers.get('a')?.failures ?? 0
  const end = (message: string): void => {
    const dry = begin('schedule')
    dry.worked({ ...server, isPartial: true })
    const ended = { ...server, failure: { ...failure, message } }
    dry.end({ servers: [ended], refusals: [], report: () => expect.unreachable() }, 1)
  }
  end(failure.message)
  expect([failed(), queued.length]).toEqual([1, 1])
  expect(metrics.registry.render()).toContain('hyperkit_server_failures_total{server="a"} 1')
  end('it is ill in another way')
  expect([failed(), queued.length]).toEqual([3, 3])
})
