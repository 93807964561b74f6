import { expect, test } from 'vitest'
import { tryCuts } from './try-cuts.ts'

test('aliases are right after one more call, whichever answer of the first one was lost', async () => {
  const { broken, points } = await tryCuts({ dialects: ['incus-7.0'], jobs: ['aliases'], kinds: ['after'] })
  expect(broken).toEqual([])
  expect(points).toBeGreaterThan(5)
})

test('a rename that LXD 5.0 makes in two steps is complete after one more call, whichever answer was lost', async () => {
  const { broken, points } = await tryCuts({ dialects: ['lxd-5.0'], jobs: ['rename of an alias'] })
  expect(broken).toEqual([])
  expect(points).toBeGreaterThan(5)
})
