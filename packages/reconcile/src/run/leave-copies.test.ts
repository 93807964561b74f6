import { expect, test } from 'vitest'
import type { ChangeResult, ServerReport } from '../documents/apply-report.ts'
import type { Change } from '../documents/plan.ts'
import { leaveCopies } from './leave-copies.ts'

const fingerprint = 'a'.repeat(64)
const copy: Change = {
  action: 'copy-image',
  image: 'web',
  fingerprint,
  from: { server: 'one' },
  fields: [],
  bytes: null,
}
const alias: Change = {
  action: 'create-alias',
  image: 'web',
  alias: 'web',
  fingerprint,
  after: { target: fingerprint, description: '' },
}
const error = { code: 'not-found', message: 'it is not there' }
const done: ChangeResult = { change: alias, outcome: 'done' }
const failedCopy: ChangeResult = { change: copy, outcome: 'failed', error }
const skipped: ChangeResult = { change: alias, outcome: 'skipped', error }
const report = (results: ChangeResult[], more: Partial<ServerReport> = {}): ServerReport => ({
  name: 'two',
  status: 'failed',
  results,
  ...more,
})

test('a copy from a server with an earlier pass is left, with what was skipped because of it', () => {
  expect(leaveCopies(report([done, failedCopy, skipped]), ['one'])).toEqual({
    results: [done],
    left: { changes: [copy, alias], busy: ['one'] },
  })
})

test.each([
  ['no pass works on its source', report([failedCopy, skipped]), ['two']],
  ['another change failed', report([failedCopy, { ...skipped, outcome: 'failed' }]), ['one']],
  ['the server as a whole failed', report([failedCopy], { error }), ['one']],
  ['an image was refused', report([failedCopy], { problems: [{ image: 'x', error }] }), ['one']],
  ['the run was interrupted', report([{ ...failedCopy, outcome: 'interrupted' }]), ['one']],
] as const)('nothing is left if %s', (_why, given, busy) => {
  expect(leaveCopies(given, busy)).toEqual({ results: given.results })
})
