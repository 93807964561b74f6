import { expect, test } from 'vitest'
import { mapAtMost } from './map-at-most.ts'

test('mapAtMost takes any limit, however many items there are', async () => {
  expect(await mapAtMost(Number.MAX_VALUE, [1, 2], async (item) => item * 2)).toEqual([2, 4])
  expect(await mapAtMost(1, [], async (item) => item)).toEqual([])
})
