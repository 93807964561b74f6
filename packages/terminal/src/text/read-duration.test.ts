import { expect, test } from 'vitest'
import { readDuration } from './read-duration.ts'

test.each([
  ['30', 30_000],
  ['500ms', 500],
  ['30s', 30_000],
  ['10m', 600_000],
  ['1h30m', 5_400_000],
  ['1.5m', 90_000],
  ['0.5', 500],
  ['7d', 604_800_000],
  ['0s', 0],
])('the duration %s is %d milliseconds', (text, milliseconds) => {
  expect(readDuration(text)).toBe(milliseconds)
})

test.each(['', 'm', '10 m', '10min', '-5s', '1,5h', '1h30'])('"%s" is not a duration', (text) => {
  expect(readDuration(text)).toBeUndefined()
})
