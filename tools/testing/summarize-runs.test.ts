import { expect, test } from 'vitest'
import { type RuntimeRun, renderTotals, summarizeRuns } from './summarize-runs.ts'

type Case = { fullName: string; status: string; failureMessages?: string[]; meta?: { skipReason?: string } }

function run(
  runtime: string,
  exitCode: number,
  cases: Case[],
  file: { status?: string; message?: string } = {},
): RuntimeRun {
  const { status = 'passed', message = '' } = file
  return {
    runtime,
    exitCode,
    report: { testResults: [{ name: 'a.test.ts', status, message, assertionResults: cases }] },
  }
}

const passed: Case = { fullName: 'a', status: 'passed' }

test('the counts of all runtimes are added up', () => {
  const summary = summarizeRuns([run('node', 0, [passed, passed]), run('bun', 0, [passed])])
  expect(renderTotals(summary)).toBe('3 passed, 0 failed')
})

test('a skip with a reason is counted, and its reason is listed once', () => {
  const skip: Case = { fullName: 'b', status: 'skipped', meta: { skipReason: 'no LXD here' } }
  const summary = summarizeRuns([run('node', 0, [passed, skip]), run('deno', 0, [passed, skip])])
  expect(renderTotals(summary)).toBe('2 passed, 0 failed, 2 skipped')
  expect(summary.skips).toEqual([{ reason: 'no LXD here', runtimes: ['node', 'deno'], tests: 2 }])
})

test('a skip without a reason is a failure', () => {
  const summary = summarizeRuns([run('node', 0, [passed, { fullName: 'b', status: 'pending' }])])
  expect(renderTotals(summary)).toBe('1 passed, 1 failed')
  expect(summary.problems).toEqual(['node: "b" was skipped without a reason: use `context.skip(\'why\')`'])
})

test('a runtime that ran nothing is a failure', () => {
  const summary = summarizeRuns([
    run('node', 0, [passed]),
    { runtime: 'bun', exitCode: 139, report: undefined },
    run('deno', 0, []),
  ])
  expect(renderTotals(summary)).toBe('1 passed, 2 failed')
  expect(summary.problems[0]).toBe('bun: no test ran (vitest ended with code 139)')
})

test('a failed test is named at the end, with the first line of its error', () => {
  const failed: Case = {
    fullName: 'aliases move',
    status: 'failed',
    failureMessages: ['\u001b[31mError: expected 1 to be 2\u001b[39m\n    at a.test.ts:3'],
  }
  const summary = summarizeRuns([run('node', 1, [passed, failed])])
  expect(renderTotals(summary)).toBe('1 passed, 1 failed')
  expect(summary.problems).toEqual(['node: a.test.ts: "aliases move" failed: Error: expected 1 to be 2'])
})

test('a file that does not load is a failure', () => {
  const summary = summarizeRuns([run('node', 1, [], { status: 'failed', message: 'Cannot find module' })])
  expect(renderTotals(summary)).toBe('0 passed, 1 failed')
  expect(summary.problems).toEqual(['node: a.test.ts: Cannot find module'])
})

test('an error outside the tests is a failure', () => {
  const summary = summarizeRuns([run('node', 1, [passed])])
  expect(renderTotals(summary)).toBe('1 passed, 1 failed')
})
