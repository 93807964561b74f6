import { expect, test } from 'vitest'
import { createHolderReader } from './create-holder-reader.ts'
import { lease, writeHolder } from './lock-holder.ts'

const run = '00000000-0000-4000-8000-000000000000'
const hour = 3_600_000

test('a lock from a clock that is ahead counts from when it was first seen, and again when it is renewed', () => {
  let now = Date.UTC(2026, 10, 29, 12)
  const begin = now
  const read = createHolderReader(() => now)
  const written = (expiresAt: number) =>
    writeHolder({ owner: 'me@here', run, expiresAt: new Date(expiresAt) })
  const endOf = (description: string) => (read(description)?.expiresAt.getTime() ?? 0) - begin
  const first = written(begin + hour)
  expect(endOf(first)).toBe(lease)
  now += 50_000
  expect(endOf(first)).toBe(lease)
  expect(endOf(written(now + hour))).toBe(50_000 + lease)
  expect(endOf(written(now + lease))).toBe(50_000 + lease)
  expect(read('words')).toBeUndefined()
})
