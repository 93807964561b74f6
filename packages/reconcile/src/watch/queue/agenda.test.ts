import { describe, expect, test } from 'vitest'
import { emptyAgenda, keepServers, nextTime, note, takeDue } from './agenda.ts'
import { backOff } from './back-off.ts'
import { coolDown } from './cool-down.ts'
import { explainCron, nextScheduled } from './schedule.ts'

describe('an agenda', () => {
  test('makes one look of a burst, at the time of its first occasion', () => {
    let agenda = emptyAgenda
    for (let event = 0; event < 1000; event++) agenda = note(agenda, 'a', 500 + event, 'event')
    agenda = note(agenda, 'a', 700, 'connected')
    agenda = note(agenda, 'b', 400, 'event')
    expect(nextTime(agenda)).toBe(400)
    expect(takeDue(agenda, 399)).toBeUndefined()
    const taken = takeDue(agenda, 500)
    expect(taken?.look).toEqual({ servers: ['a', 'b'], reasons: ['event', 'connected'] })
    expect(nextTime(taken?.rest ?? agenda)).toBeUndefined()
  })

  test('leaves what is not due for later', () => {
    const agenda = note(note(emptyAgenda, 'a', 100, 'event'), 'b', 60_000, 'retry')
    const taken = takeDue(agenda, 100)
    expect(taken?.look).toEqual({ servers: ['a'], reasons: ['event'] })
    expect(nextTime(taken?.rest ?? agenda)).toBe(60_000)
  })

  test('looks at no server twice when it looks at all', () => {
    const agenda = note(note(emptyAgenda, 'b', 60_000, 'retry'), undefined, 100, 'schedule')
    const taken = takeDue(agenda, 100)
    expect(taken?.look).toEqual({ servers: 'all', reasons: ['schedule', 'retry'] })
    expect(taken?.rest).toEqual(emptyAgenda)
  })

  test('a look at all servers that is due later takes nothing from one that is due now', () => {
    const agenda = note(note(emptyAgenda, 'a', 100, 'event'), undefined, 600_000, 'schedule')
    const taken = takeDue(agenda, 100)
    expect(taken?.look.servers).toEqual(['a'])
    expect(nextTime(taken?.rest ?? agenda)).toBe(600_000)
  })

  test('forgets servers that are not there any more', () => {
    const agenda = note(note(emptyAgenda, 'a', 1, 'event'), 'b', 2, 'event')
    expect([...keepServers(agenda, new Set(['b'])).servers.keys()]).toEqual(['b'])
  })
})

describe('pauses after failures', () => {
  test('double up to a limit, and lie in their upper half', () => {
    const pauses = [1, 2, 3, 10, 5000].map((failures) =>
      backOff(failures, { first: 1000, most: 60_000, random: 0 }),
    )
    expect(pauses).toEqual([1000, 2000, 4000, 60_000, 60_000])
    expect(backOff(1, { first: 1000, most: 60_000, random: 1 })).toBe(500)
  })
})

describe('a server that is changed back again and again', () => {
  test('is changed at once five times in ten minutes, and then ever more rarely', () => {
    const pauses: number[] = []
    const changedAt: number[] = []
    for (let time = 0; time < 20; time++) {
      pauses.push(coolDown(changedAt, 1000))
      changedAt.push(1000)
    }
    expect(pauses.slice(0, 8)).toEqual([0, 0, 0, 0, 0, 1000, 2000, 4000])
    expect(pauses.at(-1)).toBe(300_000)
  })

  test('is changed at once again when it was left alone for ten minutes', () => {
    expect(coolDown([1, 2, 3, 4, 5, 6, 7], 700_000)).toBe(0)
  })
})

describe('a schedule', () => {
  const noon = new Date(2026, 10, 24, 12, 7, 30).getTime()

  test('is an interval, a cron pattern, or what comes first of both', () => {
    const quarter = new Date(2026, 10, 24, 12, 15).getTime()
    expect(nextScheduled({ interval: 600_000, jitter: 0 }, noon, 0.5)).toBe(noon + 600_000)
    expect(nextScheduled({ cron: '*/15 * * * *', jitter: 0 }, noon, 0.5)).toBe(quarter)
    expect(nextScheduled({ cron: '*/15 * * * *', interval: 60_000, jitter: 0 }, noon, 0)).toBe(noon + 60_000)
  })

  test('makes up for a time of the pattern that came during the look before', () => {
    const [began, ended] = [Date.UTC(2026, 0, 1, 2, 59, 50), Date.UTC(2026, 0, 1, 3, 0, 10)]
    const everyMinute = { cron: '* * * * *', jitter: 0 }
    expect(nextScheduled(everyMinute, ended, 0, began)).toBe(Date.UTC(2026, 0, 1, 3, 0, 0))
    expect(nextScheduled(everyMinute, ended, 0)).toBe(Date.UTC(2026, 0, 1, 3, 1, 0))
    expect(nextScheduled({ interval: 60_000, jitter: 0 }, ended, 0, began)).toBe(ended + 60_000)
  })

  test('is late by a part of the jitter', () => {
    expect(nextScheduled({ interval: 1000, jitter: 30_000 }, 0, 0.5)).toBe(16_000)
  })

  test('says what is wrong with a pattern', () => {
    expect(explainCron('*/15 * * * *', noon)).toBeUndefined()
    expect(explainCron('61 * * * *', noon)).toMatch(/minute/i)
    expect(explainCron('every day', noon)).toBeDefined()
    expect(explainCron('0 0 30 2 *', noon)).toBe('it never comes')
  })
})
