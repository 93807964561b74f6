import { expect, test } from 'vitest'
import { fingerprintPattern, fingerprintToCome, isKnown } from './fingerprint-to-come.ts'

test('a placeholder is distinguished from a fingerprint, and both from other text', () => {
  const placeholder = fingerprintToCome('prod', 'instance web1')
  expect([isKnown(placeholder), isKnown('ab'.repeat(32))]).toEqual([false, true])
  const fits = [placeholder, 'ab'.repeat(32), 'abc', 'after-apply:', ''].map((text) =>
    fingerprintPattern.test(text),
  )
  expect(fits).toEqual([true, true, false, false, false])
})
