import { expect, test } from 'vitest'
import type { ServerPlan } from '../documents/plan.ts'
import { createRoster } from './roster.ts'

const planOf = (name: string): ServerPlan => ({
  status: 'unread',
  name,
  error: { code: 'timeout', message: 'no answer' },
})

test('a server is waited for until its plan is there, and one that the run does not include is not', async () => {
  const roster = createRoster(['a', 'b'])
  const ends: string[] = []
  const all = roster.all().then((plans) => ends.push(plans.map(({ name }) => name).join()))
  const second = roster.planOf('b').then((plan) => ends.push(plan?.name ?? ''))
  expect(await roster.planOf('elsewhere')).toBeUndefined()
  expect([roster.isComing('a'), roster.isComing('b'), roster.isComing('elsewhere')]).toEqual([
    true,
    true,
    false,
  ])
  roster.arrive(planOf('b'))
  await second
  expect([roster.isComing('a'), roster.isComing('b')]).toEqual([true, false])
  expect([ends, roster.plans()]).toEqual([['b'], [planOf('b')]])
  roster.arrive(planOf('a'))
  await all
  // In the order of the manifest, not in that of the answers.
  expect([ends, roster.plans()]).toEqual([
    ['b', 'a,b'],
    [planOf('a'), planOf('b')],
  ])
})
