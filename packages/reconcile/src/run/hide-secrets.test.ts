// biome-ignore-all lint/suspicious/noTemplateCurlyInString: hidden values are shown so
import { expect, test } from 'vitest'
import { findSecret, hideSecrets } from './hide-secrets.ts'

const secrets = [
  { name: 'A', value: '1234' },
  { name: 'B', value: 'say "1234"' },
  { name: 'SHORT', value: 'a' },
]

test('hideSecrets hides secrets in text, even quoted or escaped, the longest first', () => {
  expect(hideSecrets('x 1234 y', secrets)).toBe('x ${A} y')
  expect(hideSecrets(`z ${JSON.stringify('say "1234"')} ${encodeURIComponent('say "1234"')}`, secrets)).toBe(
    'z "${B}" ${B}',
  )
  expect(hideSecrets('nothing', undefined)).toBe('nothing')
})

test('hideSecrets keeps a JSON document valid, with its numbers and format', () => {
  const document = { bytes: 123_456, text: 'a 1234', list: ['say "1234"'] }
  const hidden = { bytes: 123_456, text: 'a ${A}', list: ['${B}'] }
  expect(hideSecrets(`${JSON.stringify(document, null, 2)}\n`, secrets)).toBe(
    `${JSON.stringify(hidden, null, 2)}\n`,
  )
  expect(hideSecrets(JSON.stringify(document), secrets)).toBe(JSON.stringify(hidden))
})

test('findSecret gives the variable name of a secret in a document', () => {
  expect(findSecret({ list: [{ text: 'x 1234' }] }, secrets)).toBe('A')
  expect(findSecret({ bytes: 1234, text: 'a' }, secrets)).toBeUndefined()
})
