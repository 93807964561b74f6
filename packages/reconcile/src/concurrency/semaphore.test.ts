import { expect, test } from 'vitest'
import { createSemaphore } from './semaphore.ts'

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
