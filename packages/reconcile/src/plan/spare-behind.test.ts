import { expect, test } from 'vitest'
import type { UpdateAlias } from '../documents/plan.ts'
import { noEarlierVersion } from './plan-alias-rollback.ts'
import { type FoundRollback, spareBehind } from './spare-behind.ts'

const move = (from: string, to: string): { change: UpdateAlias } => ({
  change: {
    action: 'update-alias',
    image: 'noble',
    fingerprint: to,
    alias: 'noble',
    etag: null,
    before: { target: from, description: '' },
    after: { target: to, description: '' },
  },
})
const goes = (server: string, from: string, to: string): FoundRollback => ({
  server,
  alias: 'noble',
  target: from,
  result: move(from, to),
})
const kinds = (found: FoundRollback[]): string[] =>
  spareBehind(found).map(({ server, result }) => `${server}: ${Object.keys(result)[0]}`)

test('a server that does not have the new version yet is not taken back with the others', () => {
  const first: FoundRollback = {
    server: 'd',
    alias: 'noble',
    target: 'old',
    result: { why: noEarlierVersion },
  }
  expect(
    kinds([goes('a', 'new', 'old'), goes('b', 'old', 'older'), goes('c', 'older', 'oldest'), first]),
  ).toEqual(['a: change', 'b: unchanged', 'c: unchanged', 'd: unchanged'])
})

test('it stays when the rollback is repeated', () => {
  const back: FoundRollback = { server: 'a', alias: 'noble', target: 'old', result: { unchanged: 'it was' } }
  expect(kinds([back, goes('b', 'old', 'older')])).toEqual(['a: unchanged', 'b: unchanged'])
})

test('servers with contents of their own, other aliases and servers in the opposite order all go back', () => {
  const other: FoundRollback = { ...goes('c', 'old', 'older'), alias: 'lts' }
  expect(kinds([goes('a', 'new', 'old'), goes('b', 'b2', 'b1'), other])).toEqual([
    'a: change',
    'b: change',
    'c: change',
  ])
  expect(kinds([goes('a', 'x', 'y'), goes('b', 'y', 'x')])).toEqual(['a: change', 'b: change'])
})
