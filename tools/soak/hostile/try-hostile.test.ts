import { expect, test } from 'vitest'
import { tryHostile } from './try-hostile.ts'

test('whatever a server answers, each call ends with a value or with one error', async () => {
  const seed = Date.now() % 1_000_000
  console.log(`hostile answers: seed ${seed}`)
  const { broken, runs } = await tryHostile({ seed, runs: 30 })
  expect(broken, `seed ${seed}; npm run soak -- hostile --seed ${seed} --runs 30`).toEqual([])
  expect(runs).toBe(30)
})
