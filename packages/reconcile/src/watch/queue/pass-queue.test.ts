import { describe, expect, test } from 'vitest'
import { backOff } from './back-off.ts'
import { flapDelay } from './flap-damping.ts'
import { emptyQueue, enqueue, keepServers, nextTime, takeDue } from './pass-queue.ts'
import { explainCron, nextScheduled } from './schedule.ts'

describe('the pass queue', () => {
  test('a burst of events becomes one pass, at the time of the first event', () => {
    let queue = emptyQueue
    for (let event = 0; event < 1000; event++) queue = enqueue(queue, 'a', 500 + event, 'event')
    queue = enqueue(queue, 'a', 700, 'connected')
    queue = enqueue(queue, 'b', 400, 'event')
    expect(nextTime(queue)).toBe(400)
    expect(takeDue(queue, 399)).toBeUndefined()
    const taken = takeDue(queue, 500)
    expect(taken?.pass).toEqual({ servers: ['a', 'b'], reasons: ['event', 'connected'] })
    expect(nextTime(taken?.rest ?? queue)).toBeUndefined()
  })

  test('entries that are not due yet stay in the queue', () => {
    const queue = enqueue(enqueue(emptyQueue, 'a', 100, 'event'), 'b', 60_000, 'retry')
    const taken = takeDue(queue, 100)
    expect(taken?.pass).toEqual({ servers: ['a'], reasons: ['event'] })
    expect(nextTime(taken?.rest ?? queue)).toBe(60_000)
  })

  test('a pass over all servers takes the later entries of single servers', () => {
    const queue = enqueue(enqueue(emptyQueue, 'b', 60_000, 'retry'), undefined, 100, 'schedule')
    const taken = takeDue(queue, 100)
    expect(taken?.pass).toEqual({ servers: 'all', reasons: ['schedule', 'retry'] })
    expect(taken?.rest).toEqual(emptyQueue)
  })

  test('a later pass over all servers does not take the entries that are due now', () => {
    const queue = enqueue(enqueue(emptyQueue, 'a', 100, 'event'), undefined, 600_000, 'schedule')
    const taken = takeDue(queue, 100)
    expect(taken?.pass.servers).toEqual(['a'])
    expect(nextTime(taken?.rest ?? queue)).toBe(600_000)
  })

  test('a pass over all servers waits for busy ones for a while, and then leaves each an entry of its own', () => {
    const busy = { servers: ['b'], isAll: false, patience: 3_000 }
    const queue = enqueue(enqueue(emptyQueue, undefined, 100, 'schedule'), 'b', 60_000, 'retry')
    expect([takeDue(queue, 3_099, busy), nextTime(queue, busy)]).toEqual([undefined, 3_100])
    const taken = takeDue(queue, 3_100, busy)
    expect(taken?.pass).toEqual({ servers: 'all', except: ['b'], reasons: ['schedule'] })
    expect(takeDue(taken?.rest ?? queue, 3_100)?.pass).toEqual({
      servers: ['b'],
      reasons: ['schedule', 'retry'],
    })
    expect(takeDue(queue, 60_000, { ...busy, isAll: true })).toBeUndefined()
  })

  test('entries of servers that the manifest no longer names are dropped', () => {
    const queue = enqueue(enqueue(emptyQueue, 'a', 1, 'event'), 'b', 2, 'event')
    expect([...keepServers(queue, new Set(['b'])).servers.keys()]).toEqual(['b'])
  })
})

describe('backOff', () => {
  test('pauses after failures double up to a limit, minus a random part of up to one half', () => {
    const pauses = [1, 2, 3, 10, 5000].map((failures) =>
      backOff(failures, { first: 1000, most: 60_000, random: 0 }),
    )
    expect(pauses).toEqual([1000, 2000, 4000, 60_000, 60_000])
    expect(backOff(1, { first: 1000, most: 60_000, random: 1 })).toBe(500)
  })
})

describe('flapDelay', () => {
  test('a server is changed five times in ten minutes without a delay, and then with longer and longer delays', () => {
    const pauses: number[] = []
    const changedAt: number[] = []
    for (let time = 0; time < 20; time++) {
      pauses.push(flapDelay(changedAt, 1000))
      changedAt.push(1000)
    }
    expect(pauses.slice(0, 8)).toEqual([0, 0, 0, 0, 0, 1000, 2000, 4000])
    expect(pauses.at(-1)).toBe(300_000)
  })

  test('a server is changed without a delay again after ten minutes without a change', () => {
    expect(flapDelay([1, 2, 3, 4, 5, 6, 7], 700_000)).toBe(0)
  })
})

describe('nextScheduled', () => {
  const noon = new Date(2026, 10, 24, 12, 7, 30).getTime()

  test('a pass is due after an interval, at a time of a cron pattern, or at the earlier of both', () => {
    const quarter = new Date(2026, 10, 24, 12, 15).getTime()
    expect(nextScheduled({ interval: 600_000, jitter: 0 }, noon, 0.5)).toBe(noon + 600_000)
    expect(nextScheduled({ cron: '*/15 * * * *', jitter: 0 }, noon, 0.5)).toBe(quarter)
    expect(nextScheduled({ cron: '*/15 * * * *', interval: 60_000, jitter: 0 }, noon, 0)).toBe(noon + 60_000)
  })

  test('a time of the pattern that passed during the last pass starts another pass', () => {
    const [began, ended] = [Date.UTC(2026, 0, 1, 2, 59, 50), Date.UTC(2026, 0, 1, 3, 0, 10)]
    const everyMinute = { cron: '* * * * *', jitter: 0 }
    expect(nextScheduled(everyMinute, ended, 0, began)).toBe(Date.UTC(2026, 0, 1, 3, 0, 0))
    expect(nextScheduled(everyMinute, ended, 0)).toBe(Date.UTC(2026, 0, 1, 3, 1, 0))
    expect(nextScheduled({ interval: 60_000, jitter: 0 }, ended, 0, began)).toBe(ended + 60_000)
  })

  test('a pass is late by a part of the jitter', () => {
    expect(nextScheduled({ interval: 1000, jitter: 30_000 }, 0, 0.5)).toBe(16_000)
  })

  test('explainCron says what is wrong with a pattern', () => {
    expect(explainCron('*/15 * * * *', noon)).toBeUndefined()
    expect(explainCron('61 * * * *', noon)).toMatch(/minute/i)
    expect(explainCron('every day', noon)).toBeDefined()
    expect(explainCron('0 0 30 2 *', noon)).toBe('it never matches')
  })
})
