import { describe, expect, test } from 'vitest'
import { isMarkOf, sourceMark } from './source-mark.ts'

const createdAt = new Date('2026-03-01T10:00:00Z')

describe('sourceMark', () => {
  test('snapshots with the same name but different times have different marks', () => {
    const mark = sourceMark({ instance: 'web1', snapshot: 'release', createdAt })
    expect(mark).toBe('snapshot web1/release of 2026-03-01T10:00:00.000Z')
    const later = sourceMark({ instance: 'web1', snapshot: 'release', createdAt: new Date(0) })
    expect(later).not.toBe(mark)
    expect([mark, later].every((each) => isMarkOf(each, 'web1', 'release'))).toBe(true)
  })

  test('isMarkOf distinguishes instances and snapshots', () => {
    const whole = sourceMark({ instance: 'web1', snapshot: undefined, createdAt: undefined })
    expect(isMarkOf(whole, 'web1', undefined)).toBe(true)
    expect(isMarkOf(whole, 'web', undefined)).toBe(false)
    expect(isMarkOf(whole, 'web1', 'release')).toBe(false)
    const snapshot = sourceMark({ instance: 'web1', snapshot: 'a', createdAt })
    expect(isMarkOf(snapshot, 'web1', undefined)).toBe(false)
    expect(isMarkOf(snapshot, 'web1', 'b')).toBe(false)
    expect(isMarkOf(undefined, 'web1', 'a')).toBe(false)
  })
})
