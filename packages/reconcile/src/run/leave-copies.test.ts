import { expect, test } from 'vitest'
import type { ChangeResult, ServerReport } from '../documents/apply-report.ts'
import type { Change } from '../documents/plan.ts'
import { leaveCopies } from './leave-copies.ts'

const [fingerprint, other] = ['a'.repeat(64), 'b'.repeat(64)] as const
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
const because = { code: 'skipped', message: 'not started: an earlier change of this image failed' }
const skipped: ChangeResult = { change: alias, outcome: 'skipped', error: because }
const removal: ChangeResult = {
  change: {
    action: 'remove-alias',
    image: 'old',
    alias: 'old',
    fingerprint: other,
    before: { target: other, description: '' },
    owner: null,
  },
  outcome: 'skipped',
  error: {
    code: 'skipped',
    message: 'not started: nothing is removed from a server on which something failed',
  },
}
const report = (results: ChangeResult[], more: Partial<ServerReport> = {}): ServerReport => ({
  name: 'two',
  status: 'failed',
  results,
  ...more,
})

test('a copy from a server with an earlier pass is left, with what was skipped because of it', () => {
  expect(leaveCopies(report([done, failedCopy, skipped, removal]), ['one'])).toEqual({
    results: [done],
    left: { changes: [copy, alias, removal.change], busy: ['one'] },
  })
})

test.each([
  ['no pass works on its source', report([failedCopy, skipped]), ['two']],
  ['another change failed', report([failedCopy, { ...skipped, outcome: 'failed' }]), ['one']],
  [
    'an image was not sent for want of space',
    report([failedCopy, { ...skipped, error: { code: 'no-space', message: 'it does not fit' } }]),
    ['one'],
  ],
  [
    'a change of another image was skipped',
    report([failedCopy, { ...skipped, change: { ...alias, fingerprint: other } }]),
    ['one'],
  ],
  ['the server as a whole failed', report([failedCopy], { error }), ['one']],
  ['an image was refused', report([failedCopy], { problems: [{ image: 'x', error }] }), ['one']],
  ['the run was interrupted', report([{ ...failedCopy, outcome: 'interrupted' }]), ['one']],
] as const)('nothing is left if %s', (_why, given, busy) => {
  expect(leaveCopies(given, busy)).toEqual({ results: given.results })
})
