import { expect, test } from 'vitest'
import { lease, limitLease } from './lock-holder.ts'

const now = Date.UTC(2026, 10, 29, 12)
const until = (milliseconds: number) => ({
  owner: 'me@here',
  run: 'r',
  expiresAt: new Date(now + milliseconds),
})

test.each([-1, lease, 2 * lease])(
  'a lock that ends in %i ms counts for as long as it says',
  (milliseconds) => {
    expect(limitLease(until(milliseconds), now)).toEqual(until(milliseconds))
  },
)

test('a lock that ends after more than two leases counts for one, and keeps what it claims', () => {
  expect(limitLease(until(2 * lease + 1), now)).toEqual({
    ...until(lease),
    claimed: new Date(now + 2 * lease + 1),
  })
})
