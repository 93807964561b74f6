import { afterEach, expect, test, vi } from 'vitest'
import { createClient } from '../src/index.ts'
import { readClock } from '../src/parts.ts'
import { lxdServer, scriptedTransport, sync } from './scripted-transport.ts'

afterEach(() => void vi.restoreAllMocks())

const clockOf = (headers: Record<string, string>) =>
  readClock(createClient({ transport: scriptedTransport(() => sync(lxdServer, headers)) }))

test('the clock of a server is read from the date of its answer, and does not follow the clock of this machine', async () => {
  const now = await clockOf({ date: 'Sun, 01 Nov 2026 12:00:00 GMT' })
  const begin = Date.UTC(2026, 10, 1, 12)
  vi.spyOn(Date, 'now').mockReturnValue(0)
  expect(now() - begin).toBeGreaterThanOrEqual(0)
  expect(now() - begin).toBeLessThan(5_000)
  const before = performance.now()
  vi.spyOn(performance, 'now').mockReturnValue(before + 90_000)
  expect(now() - begin).toBeGreaterThanOrEqual(90_000)
})

test.each([{}, { date: 'yesterday' }])(
  'the clock of this machine stands in for that of a server whose answer has the headers %j',
  async (headers) => {
    const now = await clockOf(headers as Record<string, string>)
    vi.spyOn(Date, 'now').mockReturnValue(1_234)
    expect(now()).toBe(1_234)
  },
)
