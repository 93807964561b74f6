import { expect, test } from 'vitest'
import { createSlots } from './create-slots.ts'

test('so many enter at once, the others in the order in which they asked', async () => {
  const slots = createSlots(2)
  const entered: string[] = []
  const enter = async (name: string): Promise<void> => {
    await slots.enter()
    entered.push(name)
  }
  const all = ['a', 'b', 'c', 'd'].map(enter)
  await Promise.all(all.slice(0, 2))
  expect(entered).toEqual(['a', 'b'])
  slots.leave()
  await all[2]
  expect(entered).toEqual(['a', 'b', 'c'])
  slots.leave()
  await all[3]
  expect(entered).toEqual(['a', 'b', 'c', 'd'])
})
