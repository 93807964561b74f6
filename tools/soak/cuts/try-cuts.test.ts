import { expect, test } from 'vitest'
import { tryCuts } from './try-cuts.ts'

test('aliases are right after one more call, whichever answer of the first one was lost', async () => {
  const { broken, points } = await tryCuts({ dialects: ['incus-7.0'], jobs: ['aliases'], kinds: ['after'] })
  expect(broken).toEqual([])
  expect(points).toBeGreaterThan(5)
})
