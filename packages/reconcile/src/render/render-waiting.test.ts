import { expect, test } from 'vitest'
import { renderWaiting } from './render-waiting.ts'

test('a waiting run names the server, the holder of its lock and when the lock ends', () => {
  const expiresAt = new Date('2026-01-02T03:04:05.000Z')
  expect(renderWaiting('edge', { owner: 'ann@desk', run: 'r', expiresAt })).toBe(
    'edge: waiting for the lock, which ann@desk holds until 2026-01-02T03:04:05.000Z',
  )
})
