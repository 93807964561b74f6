import { expect, test } from 'vitest'
import { createScheduler } from './create-scheduler.ts'
import type { Pass } from './queue/pass-queue.ts'

interface Gate {
  open(): void
  readonly opened: Promise<void>
}

function makeGate(): Gate {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

test('a server is in one pass at a time, and what is queued during it becomes the next one', async () => {
  const abort = new AbortController()
  const passes: Pass[] = []
  const [begun, hold, second] = [makeGate(), makeGate(), makeGate()]
  let active = 0
  let most = 0
  const scheduler = createScheduler({
    signal: abort.signal,
    servers: () => ['a', 'b'],
    untilScheduled: () => 3_600_000,
    async runPass(pass) {
      active += 1
      most = Math.max(most, active)
      passes.push(pass)
      begun.open()
      if (passes.length === 1) await hold.opened
      else second.open()
      active -= 1
    },
  })
  const running = scheduler.run()
  scheduler.enqueue(undefined, 0, 'start')
  await begun.opened
  for (let burst = 0; burst < 100; burst++) scheduler.enqueue(burst % 2 === 0 ? 'a' : 'b', 0, 'event')
  hold.open()
  await second.opened
  abort.abort()
  await running
  expect(most).toBe(1)
  expect(passes).toEqual([
    { servers: 'all', reasons: ['start'] },
    { servers: ['a', 'b'], reasons: ['event'] },
  ])
})

test('the schedule starts a pass over all servers, counted from the end of the pass before', async () => {
  const abort = new AbortController()
  const passes: Pass[] = []
  const delays = [0, 0, 3_600_000]
  const scheduler = createScheduler({
    signal: abort.signal,
    servers: () => ['a', 'b'],
    untilScheduled: () => delays[passes.length] ?? 3_600_000,
    async runPass(pass) {
      passes.push(pass)
      if (passes.length === 2) queueMicrotask(() => abort.abort())
    },
  })
  await scheduler.run()
  expect(passes.map(({ reasons }) => reasons)).toEqual([['schedule'], ['schedule']])
})

test('an abort ends the scheduler while it waits, and no further pass begins', async () => {
  const abort = new AbortController()
  const passes: Pass[] = []
  const scheduler = createScheduler({
    signal: abort.signal,
    servers: () => ['a', 'b'],
    untilScheduled: () => 3_600_000,
    runPass: async (pass) => void passes.push(pass),
  })
  const running = scheduler.run()
  abort.abort()
  scheduler.enqueue(undefined, 0, 'event')
  await running
  expect(passes).toEqual([])
})

test('a server that a pass still works on does not keep the others from their passes', async () => {
  const abort = new AbortController()
  const passes: Pass[] = []
  const hung = makeGate()
  const gates = [makeGate(), makeGate(), makeGate(), makeGate()]
  const scheduler = createScheduler({
    signal: abort.signal,
    servers: () => ['a', 'b'],
    untilScheduled: () => 3_600_000,
    patience: 0,
    async runPass(pass, release) {
      passes.push(pass)
      gates[passes.length - 1]?.open()
      if (passes.length > 1) return
      release('a')
      await hung.opened
    },
  })
  const running = scheduler.run()
  scheduler.enqueue(undefined, 0, 'start')
  await gates[0]?.opened
  scheduler.enqueue('a', 0, 'event')
  scheduler.enqueue('b', 0, 'event')
  await gates[1]?.opened
  scheduler.enqueue(undefined, 0, 'source')
  await gates[2]?.opened
  hung.open()
  await gates[3]?.opened
  abort.abort()
  await running
  expect(passes).toEqual([
    { servers: 'all', reasons: ['start'] },
    { servers: ['a'], except: ['b'], reasons: ['event'] },
    { servers: 'all', except: ['b'], reasons: ['source'] },
    { servers: ['b'], reasons: ['event', 'source'] },
  ])
})

test('a pass that has all servers waits until an earlier one has released its own, also with a manifest that came meanwhile', async () => {
  const abort = new AbortController()
  const passes: Pass[] = []
  const [begun, hold, second] = [makeGate(), makeGate(), makeGate()]
  let isExclusive = false
  let active = 0
  let most = 0
  const scheduler = createScheduler({
    signal: abort.signal,
    servers: () => ['a', 'b'],
    untilScheduled: () => 3_600_000,
    isExclusive: () => isExclusive,
    patience: 0,
    async runPass(pass) {
      passes.push(pass)
      most = Math.max(most, ++active)
      begun.open()
      if (passes.length === 1) await hold.opened
      else second.open()
      active -= 1
    },
  })
  const running = scheduler.run()
  scheduler.enqueue('a', 0, 'event')
  await begun.opened
  isExclusive = true
  scheduler.enqueue('b', 0, 'event')
  scheduler.enqueue(undefined, 0, 'manifest')
  // The scheduler has looked at its queue when this comes.
  await new Promise((resolve) => setTimeout(resolve, 0))
  hold.open()
  await second.opened
  abort.abort()
  await running
  expect(most).toBe(1)
  expect(passes).toEqual([
    { servers: ['a'], reasons: ['event'] },
    { servers: 'all', reasons: ['event', 'manifest'] },
  ])
})

test('a pass that is queued after others begins when no pass has them any more, and at once if none has', async () => {
  const abort = new AbortController()
  const passes: Pass[] = []
  const hold = makeGate()
  const gates = [makeGate(), makeGate(), makeGate()]
  const scheduler = createScheduler({
    signal: abort.signal,
    servers: () => ['a', 'b'],
    untilScheduled: () => 3_600_000,
    async runPass(pass) {
      passes.push(pass)
      gates[passes.length - 1]?.open()
      if (passes.length === 1) await hold.opened
    },
  })
  const running = scheduler.run()
  scheduler.enqueue('a', 0, 'event')
  await gates[0]?.opened
  scheduler.enqueueAfter(['a'], 'gone', 'retry')
  scheduler.enqueueAfter(['a'], 'b', 'retry')
  scheduler.keepServers(new Set(['a', 'b']))
  expect(passes).toHaveLength(1)
  hold.open()
  await gates[1]?.opened
  scheduler.enqueueAfter(['a'], 'b', 'retry')
  await gates[2]?.opened
  abort.abort()
  await running
  expect(passes.map(({ servers }) => servers)).toEqual([['a'], ['b'], ['b']])
})
