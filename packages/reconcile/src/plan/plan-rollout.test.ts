import { expect, test } from 'vitest'
import type { Plan, ServerPlan } from '../documents/plan.ts'
import { parseManifest } from '../manifest/parse-manifest.ts'
import { planRollout, withEarlierWaves } from './plan-rollout.ts'

const text = `version: 1
name: base
servers: { source: { remote: x }, a: { remote: a }, b: { remote: b }, c: { remote: c }, d: { remote: d } }
images: [{ name: noble, source: { server: source, alias: noble }, servers: [a, b, c, d] }]
rollout: { waves: [1, 50%, rest] CHECK }
`
const manifest = (check = ''): ReturnType<typeof parseManifest> =>
  parseManifest({ file: 'images.yaml', text: text.replace('CHECK', check), folder: '/', environment: {} })
const planned = { status: 'planned', dialect: 'lxd', serverVersion: null, inSync: 1 } as const
const error = { code: 'unreachable', message: 'no' }
const change = {
  action: 'remove-alias',
  image: 'noble',
  fingerprint: '1'.repeat(64),
  alias: 'noble',
  before: { target: '1'.repeat(64), description: '' },
  owner: 'base',
} as const
const inSync = (name: string): ServerPlan => ({ ...planned, name, changes: [] })
const changed = (name: string): ServerPlan => ({ ...planned, name, changes: [change] })
const unread = (name: string): ServerPlan => ({ status: 'unread', name, error })
const problem = (name: string): ServerPlan => ({
  ...planned,
  name,
  changes: [],
  problems: [{ image: 'noble', error }],
})
const planOf = (servers: ServerPlan[]): Plan => ({
  format: 'hyperkit-plan',
  version: 1,
  manifest: { file: 'images.yaml', name: 'base' },
  servers,
})
const waves = (servers: ServerPlan[], check?: string): string[] =>
  (planRollout(planOf(servers), manifest(check)).rollout?.waves ?? []).map(
    ({ wave, servers, state, waitsFor }) => `${wave} ${servers.join('+')} ${state} after ${waitsFor}`,
  )

test('a wave waits for the last wave before it that is not in sync', () => {
  expect(waves([changed('a'), changed('b'), inSync('c'), changed('d')])).toEqual([
    '1 a changes after null',
    '2 b+c changes after 1',
    '3 d changes after 2',
  ])
  expect(waves([unread('a'), inSync('b'), inSync('c'), changed('d')])).toEqual([
    '1 a unread after null',
    '2 b+c in-sync after null',
    '3 d changes after 1',
  ])
  expect(waves([inSync('a'), problem('b'), changed('c'), inSync('d')])).toEqual([
    '1 a in-sync after null',
    '2 b+c failed after null',
    '3 d in-sync after null',
  ])
})

test('with a check, a wave waits for the one right before it, also if that is in sync', () => {
  expect(waves([changed('a'), inSync('b'), inSync('c'), changed('d')], ', check: [ok]')).toEqual([
    '1 a changes after null',
    '2 b+c in-sync after null',
    '3 d changes after 2',
  ])
})

test('a choice of servers moves none to another wave', () => {
  expect(waves([changed('c'), changed('d')])).toEqual(['2 c changes after null', '3 d changes after 2'])
})

test('some servers come with all servers of the waves before theirs', () => {
  expect([...withEarlierWaves(manifest(), ['c'])].sort()).toEqual(['a', 'c'])
  expect([...withEarlierWaves(manifest(), ['source', 'd'])].sort()).toEqual(['a', 'b', 'c', 'd', 'source'])
  expect([...withEarlierWaves({ ...manifest(), rollout: undefined }, ['d'])]).toEqual(['d'])
})
