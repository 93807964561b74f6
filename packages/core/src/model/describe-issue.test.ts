import * as v from 'valibot'
import { expect, test } from 'vitest'
import { describeIssue } from './describe-issue.ts'

function issueOf(schema: v.GenericSchema, value: unknown): v.BaseIssue<unknown> {
  const { issues } = v.safeParse(schema, value)
  if (issues === undefined) throw new Error('the value has the expected form')
  return issues[0]
}

test('a value with line breaks cannot forge a line of the message', () => {
  const issue = issueOf(v.object({}), 'one\r\nforged: line\n\ttwo')
  expect(describeIssue(issue).why).toMatch(
    /^Invalid type: Expected Object but received "one forged: line two"$/,
  )
})

test('a key with line breaks cannot forge a line of the message', () => {
  const issue = issueOf(v.record(v.string(), v.number()), { 'a\nforged: b': 'c' })
  expect(describeIssue(issue).at).toBe('a forged: b')
})

test('a long value is cut', () => {
  const { why } = describeIssue(issueOf(v.number(), 'x'.repeat(100_000)))
  expect(why).toMatch(/x…$/)
  expect(why.length).toBeLessThan(600)
})
