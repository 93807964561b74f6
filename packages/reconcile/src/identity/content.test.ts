import { describe, expect, test } from 'vitest'
import { fingerprintPattern, fingerprintToCome, isKnown } from './fingerprint-to-come.ts'
import { isMarkOf, sourceMark } from './source-mark.ts'

const createdAt = new Date('2026-03-01T10:00:00Z')

describe('the mark of what an image was published from', () => {
  test('is another one for each snapshot, also of the same name', () => {
    const mark = sourceMark({ instance: 'web1', snapshot: 'release', createdAt })
    expect(mark).toBe('snapshot web1/release of 2026-03-01T10:00:00.000Z')
    const later = sourceMark({ instance: 'web1', snapshot: 'release', createdAt: new Date(0) })
    expect(later).not.toBe(mark)
    expect([mark, later].every((each) => isMarkOf(each, 'web1', 'release'))).toBe(true)
  })

  test('is not taken for one of another instance or snapshot', () => {
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

test('what stands for a fingerprint is told from one, and both from anything else', () => {
  const promise = fingerprintToCome('prod', 'instance web1')
  expect([isKnown(promise), isKnown('ab'.repeat(32))]).toEqual([false, true])
  const fits = [promise, 'ab'.repeat(32), 'abc', 'after-apply:', ''].map((text) =>
    fingerprintPattern.test(text),
  )
  expect(fits).toEqual([true, true, false, false, false])
})
