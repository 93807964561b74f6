import { expect, test } from 'vitest'
import { showText } from './show-text.ts'

test.each([
  ['plain ✓ 日本語 é', 'plain ✓ 日本語 é'],
  ['\u001b[2Jgone', '\\u001b[2Jgone'],
  ['a\rb\u0007\u009b31m', 'a\\u000db\\u0007\\u009b31m'],
  ['ab\u202edc', 'ab\\u202edc'],
  ['\ud800', '\\ud800'],
  ['two\nlines\t', 'two\\u000alines\\u0009'],
])('showText shows %j as %j', (text, shown) => {
  expect(showText(text)).toBe(shown)
})

test('showText keeps the control characters that the caller names', () => {
  expect(showText('a\n\tb\u001b', { keep: '\n\t' })).toBe('a\n\tb\\u001b')
})
