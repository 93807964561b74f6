import { expect, test } from 'vitest'
import { renderWaiting } from './render-waiting.ts'

test('a waiting run names the server, the holder of its lock and when the lock ends', () => {
  const expiresAt = new Date('2026-01-02T03:04:05.000Z')
  expect(renderWaiting('edge', { owner: 'ann@desk', run: 'r', expiresAt })).toBe(
    'edge: waiting for the lock, which ann@desk holds until 2026-01-02T03:04:05.000Z',
  )
})

test('a waiting run reports a lock that was written by a wrong clock', () => {
  const expiresAt = new Date('2026-01-02T03:04:05.000Z')
  const claimed = new Date('2026-01-02T04:04:05.000Z')
  expect(renderWaiting('edge', { owner: 'ann@desk', run: 'r', expiresAt, claimed })).toBe(
    'edge: waiting for the lock, which ann@desk holds until 2026-01-02T03:04:05.000Z, not until 2026-01-02T04:04:05.000Z as the lock says: the clock of that run is ahead of the server’s',
  )
})
