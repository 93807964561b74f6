import { expect, test } from 'vitest'
import type { Change } from '../documents/plan.ts'
import { fingerprintToCome } from '../identity/fingerprint-to-come.ts'
import { describeBegun, describeEnded } from './describe-audit.ts'

const run = { run: 'r', command: 'apply', user: 'me@here', manifest: 'base' }
const time = new Date('2027-03-31T12:00:00Z')
const [one, two] = ['1'.repeat(64), '2'.repeat(64)]
const of = { image: 'noble', fingerprint: two }

const states = (change: Change) => {
  const { from, to } = describeBegun(run, 'prod', change, time)
  return [from, to]
}

test('a line of the audit has what the plan saw, and what the change makes of it', () => {
  const update: Change = {
    action: 'update-image',
    ...of,
    etag: 'e',
    fields: [
      { field: 'public', before: true, after: false },
      { field: 'property', key: 'os', before: null, after: 'Debian' },
    ],
  }
  expect(states(update)).toEqual([
    { fingerprint: two, attributes: { public: true, 'properties.os': null } },
    { fingerprint: two, attributes: { public: false, 'properties.os': 'Debian' } },
  ])
  const [before, after] = [
    { target: one, description: '' },
    { target: two, description: 'LTS' },
  ]
  expect(states({ action: 'update-alias', ...of, alias: 'lts', etag: null, before, after })).toEqual([
    before,
    after,
  ])
  expect(states({ action: 'remove-alias', ...of, alias: 'lts', before, owner: 'base' })).toEqual([
    before,
    null,
  ])
  expect(states({ action: 'delete-image', ...of, bytes: 1, aliases: ['old'], owner: 'base' })).toEqual([
    { fingerprint: two, aliases: ['old'] },
    null,
  ])
})

test('a published image and its aliases have a fingerprint only in the lines after it was made', () => {
  const change: Change = {
    action: 'publish-image',
    image: 'web',
    fingerprint: fingerprintToCome('prod', 'mark'),
    from: { instance: 'web1', snapshot: null },
    fields: [],
  }
  expect(describeBegun(run, 'prod', change, time)).toEqual({
    format: 'hyperkit-audit',
    version: 1,
    time: '2027-03-31T12:00:00.000Z',
    event: 'begun',
    ...run,
    server: 'prod',
    action: 'publish-image',
    image: 'web',
    from: null,
    to: {},
  })
  expect(describeEnded(run, 'prod', { change, outcome: 'done', fingerprint: one }, time)).toMatchObject({
    event: 'ended',
    outcome: 'done',
    to: { fingerprint: one },
  })
  const { fingerprint: target } = change
  const alias: Change = {
    action: 'create-alias',
    image: 'web',
    fingerprint: target,
    alias: 'web',
    after: { target, description: 'new' },
  }
  const moved: Change = {
    ...alias,
    action: 'update-alias',
    etag: null,
    before: { target: two, description: '' },
  }
  for (const each of [alias, moved]) {
    expect(describeBegun(run, 'prod', each, time).to).toEqual({ description: 'new' })
    expect(describeEnded(run, 'prod', { change: each, outcome: 'done', fingerprint: one }, time).to).toEqual({
      target: one,
      description: 'new',
    })
  }
})
