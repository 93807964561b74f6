import { expect, test } from 'vitest'
import { shouldNotify } from './should-notify.ts'

const quiet = { hasChanged: false, failure: '' }

test('shouldNotify accepts a run that changed something or failed, and no other run by default', () => {
  const both = ['change', 'failure'] as const
  expect(shouldNotify(quiet, '', both)).toBe(false)
  expect(shouldNotify({ ...quiet, hasChanged: true }, '', both)).toBe(true)
  expect(shouldNotify({ ...quiet, failure: 'a: down' }, '', both)).toBe(true)
  expect(shouldNotify(quiet, '', ['always'])).toBe(true)
})

test('shouldNotify accepts only the requested occasions', () => {
  expect(shouldNotify({ ...quiet, failure: 'a: down' }, '', ['change'])).toBe(false)
  expect(shouldNotify({ ...quiet, hasChanged: true }, '', ['failure'])).toBe(false)
})

test('shouldNotify accepts a failure when it starts, changes or ends', () => {
  const on = ['failure'] as const
  const runs = ['a: down', 'a: down', 'a: down\nb: down', 'b: down', '', '']
  const accepted = runs.map((failure, run) => shouldNotify({ ...quiet, failure }, runs[run - 1] ?? '', on))
  expect(accepted).toEqual([true, false, true, true, true, false])
})
