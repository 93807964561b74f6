import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createSlowReport } from './slow-report.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('what is waited for is reported after three seconds, once, and what has ended is not', async () => {
  const told: string[] = []
  const slow = createSlowReport((names) => told.push(names.join(', ')))
  let end = (): void => {}
  const never = new Promise<void>(() => {})
  void slow.during('edge1', never)
  void slow.during('edge2', never)
  const quick = slow.during('prod', new Promise<void>((resolve) => (end = resolve)))
  end()
  await quick
  await vi.advanceTimersByTimeAsync(2_999)
  expect(told).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(told).toEqual(['edge1, edge2'])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(told).toHaveLength(1)
})

test('what was begun later is reported later', async () => {
  const told: string[] = []
  const slow = createSlowReport((names) => told.push(names.join(', ')))
  const never = new Promise<void>(() => {})
  void slow.during('edge1', never)
  await vi.advanceTimersByTimeAsync(2_000)
  void slow.during('edge2', never)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(told).toEqual(['edge1'])
  await vi.advanceTimersByTimeAsync(2_000)
  expect(told).toEqual(['edge1', 'edge2'])
})

test('a failure is passed on, and leaves no timer behind', async () => {
  const slow = createSlowReport(() => {})
  await expect(slow.during('a', Promise.reject(new Error('gone')))).rejects.toThrow('gone')
  expect(vi.getTimerCount()).toBe(0)
})
