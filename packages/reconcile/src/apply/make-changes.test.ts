import { afterEach, expect, test } from 'vitest'
import { createKeyedMutex } from '../concurrency/keyed-mutex.ts'
import { createSemaphore, type Semaphore } from '../concurrency/semaphore.ts'
import type { Change, PlannedServer } from '../documents/plan.ts'
import type { ApplyEvent } from '../plan/apply-event.ts'
import { createDownloads } from './create-downloads.ts'
import { createPhases } from './create-phases.ts'
import { makeChanges } from './make-changes.ts'
import { createPlaces } from './places.ts'
import { createRoster } from './roster.ts'
import type { PlannedAgain, Remaining, Run } from './run-state.ts'
import { shareUploads } from './share-uploads.ts'
import { trackContents } from './track-contents.ts'
import { trackDeletions } from './track-deletions.ts'
import type { Way } from './way.ts'

const alias = (name: string): Change => ({
  action: 'create-alias',
  image: name,
  fingerprint: name,
  alias: name,
  after: { target: name, description: '' },
})
const upload = (name: string): Change => ({
  action: 'upload-image',
  image: name,
  fingerprint: name,
  bytes: 1,
  files: { kind: 'unified', file: `/${name}.tar` },
  fields: [],
})
const outdated = (name: string): Change => ({
  action: 'delete-image',
  image: name,
  fingerprint: name,
  bytes: 1,
  aliases: [],
  owner: 'base',
  prune: { version: 1, newest: 2 } as never,
})

interface Opened {
  way: Way
  /** The locks that were taken and released, and why the server was planned again. */
  log: string[]
  /** Ends a running change. */
  end(image: string): void
}

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean()
})

/** Servers whose changes run until the test ends them; then they are not made, as they cannot be recorded. */
function openServers(
  servers: Record<string, Change[]>,
  {
    semaphore = createSemaphore(10),
    atOnce = 4,
    onEvent,
    planAgain,
  }: {
    semaphore?: Semaphore
    atOnce?: number
    onEvent?: (event: ApplyEvent) => void
    planAgain?: (server: string, remaining: Remaining) => Promise<PlannedAgain>
  },
): Record<string, Opened> {
  const names = Object.keys(servers)
  const roster = createRoster(names)
  const { signal } = new AbortController()
  const ends = new Map<string, (error: Error) => void>()
  const logs = new Map<string, string[]>(names.map((name) => [name, []]))
  const note = (server: string, text: string): void => void logs.get(server)?.push(text)
  const downloads = createDownloads({ maxSize: undefined })
  cleanups.push(() => void downloads.close())
  const run: Run = {
    signal,
    manifest: 'base',
    open: () => Promise.reject(new Error('no change gets so far')),
    identify: (server) => server,
    onEvent,
    places: createPlaces({ semaphore, ask: async () => undefined }),
    imagesAtOnce: () => atOnce,
    imageMutex: createKeyedMutex(),
    brought: new Set(),
    leftovers: new Map(),
    roster,
    contents: trackContents(roster),
    downloads,
    uploads: shareUploads(roster, signal),
    audit: {
      begun: (_server, { image }) => new Promise((_resolve, reject) => ends.set(image, reject)),
      ended: async () => {},
      released: async () => {},
    },
    checkUsage: (() => Promise.reject(new Error('nothing is deleted'))) as never,
    maxSize: undefined,
    deletions: trackDeletions(),
    settled: new Set(names),
    notes: undefined,
    locks: {
      async take(server) {
        note(server, 'locked')
        return { hasWaited: false, release: async () => note(server, 'unlocked') }
      },
    },
    planAgain:
      planAgain &&
      ((server, remaining) => {
        note(server, `planned again: ${remaining.why}`)
        return planAgain(server, remaining)
      }),
    wanted: new Map(),
    phases: createPhases(roster, (server) => server),
    waves: undefined,
  }
  return Object.fromEntries(
    Object.entries(servers).map(([name, changes]) => {
      const server: PlannedServer = { status: 'planned', name, changes, inSync: 0 } as never
      roster.arrive(server)
      const way: Way = {
        name,
        run,
        server,
        rest: undefined,
        waiting: [...changes],
        running: new Map(),
        results: [],
        order: new Map(),
      }
      const end = (image: string): void => ends.get(image)?.(new Error('the disk is full'))
      cleanups.push(() => way.place?.leave())
      return [name, { way, log: logs.get(name) ?? [], end }]
    }),
  )
}

const nothing = (name: string): PlannedAgain => ({
  server: { status: 'planned', name, changes: [], inSync: 0 } as never,
})

/** Resolves when everything that need not wait for anything outside has been done. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const opened = (servers: Record<string, Opened>, name: string): Opened => {
  const server = servers[name]
  if (server === undefined) throw new Error(`"${name}" is not opened`)
  return server
}

test.each([
  ['begins a change', [alias('a'), alias('b')], 'begun'],
  ['skips a change', [alias('a'), upload('c')], 'ended'],
] as const)(
  'if a function of the caller throws when a server %s, it stays locked until its other changes have ended',
  async (_name, changes, kind) => {
    const servers = openServers(
      { one: [...changes] },
      {
        onEvent(event) {
          const change = event.kind === 'ended' ? event.result.change : event.change
          if (event.kind === kind && change.image !== 'a') throw new Error('the program has failed')
        },
      },
    )
    const { way, log, end } = opened(servers, 'one')
    if (kind === 'ended')
      way.server = {
        ...way.server,
        space: { lacking: [{ image: 'c', error: { code: 'x', message: 'x' } }] },
      } as never
    let isOver = false
    const made = makeChanges(way).finally(() => {
      isOver = true
    })
    made.catch(() => undefined)
    await settled()
    expect([isOver, [...way.running.keys()].map(({ image }) => image), log]).toEqual([
      false,
      ['a'],
      ['locked'],
    ])
    end('a')
    await expect(made).rejects.toThrow('the program has failed')
    expect(way.running.size).toBe(0)
  },
)

test('a server that gives up its lock in the midst of its changes is planned again when it is locked again', async () => {
  const semaphore = createSemaphore(1)
  const servers = openServers(
    { one: [alias('a'), alias('b'), outdated('c')] },
    { semaphore, atOnce: 1, planAgain: async (name) => nothing(name) },
  )
  const { way, log, end } = opened(servers, 'one')
  const made = makeChanges(way)
  await settled()
  // A server that hung comes back.
  semaphore.reclaim()
  end('a')
  await settled()
  expect(log).toEqual(['locked', 'unlocked'])
  semaphore.release()
  await made
  expect(log).toEqual(['locked', 'unlocked', 'locked', 'planned again: place'])
  expect(way.results.map(({ change }) => change.image)).toEqual(['a'])
})

test('a server that gave up its lock may have any image when it is locked again', async () => {
  const semaphore = createSemaphore(1)
  const servers = openServers({ one: [alias('a'), alias('b')] }, { semaphore, atOnce: 1 })
  const { way, log, end } = opened(servers, 'one')
  const made = makeChanges(way)
  await settled()
  way.run.leftovers.set('one', new Set())
  semaphore.reclaim()
  end('a')
  await settled()
  semaphore.release()
  await settled()
  expect(log).toEqual(['locked', 'unlocked', 'locked'])
  expect(way.run.leftovers.has('one')).toBe(false)
  end('b')
  await made
})

test('what is pruned is confirmed under the lock if the server gave up its lock before', async () => {
  const semaphore = createSemaphore(1)
  const servers = openServers(
    { one: [outdated('c')] },
    { semaphore, planAgain: async (name) => nothing(name) },
  )
  const { way, log } = opened(servers, 'one')
  way.held = { hasWaited: false, release: async () => void log.push('unlocked') }
  semaphore.reclaim()
  semaphore.reclaim()
  const made = makeChanges(way)
  await settled()
  semaphore.release()
  semaphore.release()
  await made
  expect(log).toEqual(['unlocked', 'locked', 'planned again: prune'])
  expect(way.results).toMatchObject([{ outcome: 'skipped', error: { code: 'precondition-failed' } }])
})

test('if one server comes back, one other server gives up its place, and the others go on', async () => {
  const semaphore = createSemaphore(3)
  const servers = openServers(
    {
      one: [alias('a1'), alias('a2')],
      two: [alias('b1'), alias('b2')],
      three: [alias('c1'), alias('c2')],
    },
    { semaphore, atOnce: 1 },
  )
  const made = Promise.all(Object.values(servers).map(({ way }) => makeChanges(way)))
  await settled()
  semaphore.reclaim()
  for (const [name, first] of [
    ['one', 'a1'],
    ['two', 'b1'],
    ['three', 'c1'],
  ] as const)
    opened(servers, name).end(first)
  await settled()
  const unlocked = Object.entries(servers).filter(([, { log }]) => log.includes('unlocked'))
  expect(unlocked.map(([name]) => name)).toEqual(['one'])
  semaphore.release()
  await settled()
  for (const [name, last] of [
    ['one', 'a2'],
    ['two', 'b2'],
    ['three', 'c2'],
  ] as const)
    opened(servers, name).end(last)
  await made
})
