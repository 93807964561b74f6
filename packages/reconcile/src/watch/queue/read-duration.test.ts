import { expect, test } from 'vitest'
import { readDuration } from './read-duration.ts'

test.each([
  ['30', 30_000],
  ['500ms', 500],
  ['30s', 30_000],
  ['10m', 600_000],
  ['1h30m', 5_400_000],
  ['7d', 604_800_000],
  ['0s', 0],
])('%s is so many milliseconds', (text, milliseconds) => {
  expect(readDuration(text)).toBe(milliseconds)
})

test.each(['', 'm', '10 m', '10min', '-5s', '1.5h', '1h30'])('"%s" is no time', (text) => {
  expect(readDuration(text)).toBeUndefined()
})
