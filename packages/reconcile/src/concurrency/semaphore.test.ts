import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createSemaphore } from './semaphore.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a semaphore lets in as many callers as it has places, and the others in the order in which they asked', async () => {
  const semaphore = createSemaphore(2)
  const entered: string[] = []
  const enter = async (name: string): Promise<void> => {
    await semaphore.acquire()
    entered.push(name)
  }
  const all = ['a', 'b', 'c', 'd'].map(enter)
  await Promise.all(all.slice(0, 2))
  expect(entered).toEqual(['a', 'b'])
  semaphore.release()
  await all[2]
  expect(entered).toEqual(['a', 'b', 'c'])
  semaphore.release()
  await all[3]
  expect(entered).toEqual(['a', 'b', 'c', 'd'])
})

test('a task that is late gives its place to another one, once, and its result still counts', async () => {
  const semaphore = createSemaphore(1)
  const entered: string[] = []
  let end = (_result: string): void => {}
  const late = semaphore.run(() => new Promise<string>((resolve) => (end = resolve)), 3_000)
  const others = ['b', 'c'].map((name) =>
    semaphore.run(async () => {
      entered.push(name)
      if (name === 'b') await new Promise((resolve) => setTimeout(resolve, 1_000))
    }),
  )
  await vi.advanceTimersByTimeAsync(2_999)
  expect(entered).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  end('answered')
  expect(await late).toBe('answered')
  expect(entered).toEqual(['b'])
  await vi.advanceTimersByTimeAsync(1_000)
  await Promise.all(others)
  expect(entered).toEqual(['b', 'c'])
  expect(vi.getTimerCount()).toBe(0)
})
