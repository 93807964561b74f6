// biome-ignore-all lint/suspicious/noTemplateCurlyInString: sources are written so
import { expect, test } from 'vitest'
import { findMessages, findTestNames } from './find-messages.ts'

test('strings and templates of two words or more are messages, with their lines', () => {
  const source = [
    "import { x } from 'not a message'",
    "const path = '/1.0/images' // no message at all",
    "export type A = 'neither is a type'",
    'throw new Error(`Cannot read ${path}: it’s gone`)',
    "const hint = { why: 'the file is empty' }",
  ].join('\n')
  expect(findMessages(source, 'a.ts')).toEqual([
    { line: 4, text: 'Cannot read ${path}: it’s gone' },
    { line: 5, text: 'the file is empty' },
  ])
})

test('a single word is a message only on request, and not if the code compares it or uses it as a kind', () => {
  const source = "const a = b === 'same' ? 'done' : { kind: 'failed', word: 'skipped' }"
  expect(findMessages(source, 'a.ts')).toEqual([])
  expect(findMessages(source, 'a.ts', { words: true }).map(({ text }) => text)).toEqual(['done', 'skipped'])
})

test('names of tests, groups and cases are found, also under each and skipIf', () => {
  const source = [
    "describe('a group', () => {",
    "  test.each([1])('a test of %s', () => {})",
    '  test.skipIf(x)(`another ${y}`, () => {})',
    '})',
    "const one = { name: 'a case', run() {} }",
    "const other = { name: 'no case' }",
    "pattern.test('no test')",
  ].join('\n')
  expect(findTestNames(source, 'a.test.ts').map(({ text }) => text)).toEqual([
    'a group',
    'a test of %s',
    'another ${y}',
    'a case',
  ])
})
