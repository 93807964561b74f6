import { expect, test } from 'vitest'
import { describeSwitch } from './describe-switch.ts'

test('a note says which address of a server does not answer or is refused, why, and which is used', () => {
  const change = { server: 'https://a:8443', from: 'https://a:8443', to: 'https://b:8443' }
  expect(describeSwitch('berlin1', { ...change, why: 'no-answer', reason: 'connect ECONNREFUSED' })).toBe(
    'berlin1: "https://a:8443" does not answer (connect ECONNREFUSED); went on through "https://b:8443"',
  )
  expect(describeSwitch('berlin1', { ...change, why: 'preferred', reason: '' })).toBe(
    'berlin1: "https://b:8443" answers again, and is used instead of "https://a:8443"',
  )
  expect(describeSwitch('berlin1', { ...change, why: 'refused', reason: 'Cannot connect to "a"' })).toBe(
    'berlin1: went on through "https://b:8443" without "https://a:8443": Cannot connect to "a"',
  )
})
