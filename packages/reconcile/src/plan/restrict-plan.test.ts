import { expect, test } from 'vitest'
import type { Desired, DesiredImage } from '../desired/desired.ts'
import type { Plan } from '../documents/plan.ts'
import type { ReadServer } from '../observed/observed.ts'
import { planChanges } from './plan-changes.ts'
import { narrowDesired, restrictPlan } from './restrict-plan.ts'

const [one, two] = ['1', '2'].map((digit) => digit.repeat(64)) as [string, string]

const image = (name: string, fingerprint: string, more: Partial<DesiredImage> = {}): DesiredImage => ({
  names: [name],
  fingerprint,
  size: 1,
  origin: { kind: 'files', files: { kind: 'unified', file: '/x' } },
  aliases: [{ name, description: undefined }],
  public: undefined,
  properties: {},
  expiresAt: undefined,
  ...more,
})
const empty = (name: string): ReadServer => ({
  status: 'read',
  name,
  identity: name,
  dialect: 'lxd',
  version: '5.0.2',
  images: new Map(),
  aliases: new Map(),
})

function planFor(desired: Desired, observed: ReadServer[], ...targets: string[]): Plan {
  const narrowed = narrowDesired(desired, targets)
  return restrictPlan(planChanges(narrowed, observed), narrowed, targets)
}

const summaryOf = (plan: Plan): string[] =>
  plan.servers.flatMap((server) =>
    server.status === 'unread'
      ? []
      : [
          `${server.name} ${server.inSync}`,
          ...server.changes.map(
            (change) => `${change.action} ${'alias' in change ? change.alias : change.image}`,
          ),
        ],
  )

test('a restricted plan has only the named images, and only the servers that should have them', () => {
  const desired: Desired = {
    manifest: { file: 'm', name: 'o' },
    servers: [
      { name: 'a', images: [image('x', one), image('y', two)], absent: [] },
      { name: 'b', images: [image('y', two)], absent: [] },
    ],
  }
  expect(summaryOf(planFor(desired, [empty('a'), empty('b')], 'x'))).toEqual([
    'a 0',
    'upload-image x',
    'create-alias x',
  ])
  expect(narrowDesired(desired, ['x']).servers.map(({ name }) => name)).toEqual(['a'])
  expect(planFor(desired, [empty('a'), empty('b')])).toEqual(planChanges(desired, [empty('a'), empty('b')]))
})

test('any name of an image with several names selects it', () => {
  const joined = image('x', one, { names: ['x', 'z'] })
  const desired = {
    manifest: { file: 'm', name: 'o' },
    servers: [{ name: 'a', images: [joined], absent: [] }],
  }
  expect(summaryOf(planFor(desired, [empty('a')], 'z'))).toEqual(['a 0', 'upload-image x', 'create-alias x'])
})

test('a selected removal never deletes an image that the manifest wants under another name', () => {
  const owned = {
    fingerprint: one,
    size: 1,
    public: false,
    properties: { 'hyperkit.manifest': 'o' },
    expiresAt: undefined,
    aliases: ['old'],
    etag: 'e',
    inUse: false,
    autoUpdate: false,
    profiles: ['default'],
  }
  const server: ReadServer = {
    ...empty('a'),
    images: new Map([[one, owned]]),
    aliases: new Map([['old', { name: 'old', description: '', target: one, etag: 'e' }]]),
  }
  const desired: Desired = {
    manifest: { file: 'm', name: 'o' },
    servers: [
      {
        name: 'a',
        images: [image('wanted', one)],
        absent: [
          { name: 'old', aliases: ['old'] },
          { name: 'other', aliases: ['other'] },
        ],
      },
    ],
  }
  expect(summaryOf(planFor(desired, [server], 'old'))).toEqual(['a 0', 'remove-alias old'])
  expect(summaryOf(planFor(desired, [server], 'other'))).toEqual(['a 0'])
})

test('a problem of an image that was not named is no problem of a restricted plan', () => {
  const desired: Desired = {
    manifest: { file: 'm', name: 'o' },
    servers: [{ name: 'a', images: [image('x', one, { names: ['x', 'z'] }), image('y', two)], absent: [] }],
  }
  const plan: Plan = {
    ...planChanges(desired, [empty('a')]),
    servers: planChanges(desired, [empty('a')]).servers.map((server) => ({
      ...server,
      problems: ['x', 'y'].map((name) => ({
        image: name,
        error: { code: 'precondition-failed', message: name },
      })),
    })) as Plan['servers'],
  }
  const problemsOf = (...targets: string[]): unknown =>
    restrictPlan(plan, desired, targets).servers.flatMap((server) =>
      'problems' in server ? server.problems : [],
    )
  expect(problemsOf('z')).toMatchObject([{ image: 'x' }])
  expect(problemsOf('y')).toMatchObject([{ image: 'y' }])
})
