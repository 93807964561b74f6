import { expect, test } from 'vitest'
import { isWorth } from './is-worth.ts'

const quiet = { hasChanged: false, failure: '' }

test('a run that changed something or failed is worth telling, another one is not', () => {
  const both = ['change', 'failure'] as const
  expect(isWorth(quiet, '', both)).toBe(false)
  expect(isWorth({ ...quiet, hasChanged: true }, '', both)).toBe(true)
  expect(isWorth({ ...quiet, failure: 'a: down' }, '', both)).toBe(true)
  expect(isWorth(quiet, '', ['always'])).toBe(true)
})

test('only what is asked for is told', () => {
  expect(isWorth({ ...quiet, failure: 'a: down' }, '', ['change'])).toBe(false)
  expect(isWorth({ ...quiet, hasChanged: true }, '', ['failure'])).toBe(false)
})

test('a failure is told when it begins, becomes another one, or ends', () => {
  const on = ['failure'] as const
  const runs = ['a: down', 'a: down', 'a: down\nb: down', 'b: down', '', '']
  const told = runs.map((failure, run) => isWorth({ ...quiet, failure }, runs[run - 1] ?? '', on))
  expect(told).toEqual([true, false, true, true, true, false])
})
