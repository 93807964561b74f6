import { describe, expect, test } from 'vitest'
import type { DesiredServer, RetentionRule } from '../desired/desired.ts'
import type { Plan } from '../documents/plan.ts'
import type { ObservedServer, ObservedVersion, ReadServer } from '../observed/observed.ts'
import { guardPlan } from './guard/guard-plan.ts'
import { planChanges } from './plan-changes.ts'
import { planPruning } from './plan-pruning.ts'

const now = new Date('2027-03-31T12:00:00Z')
const fp = (digit: number | string): string => String(digit).repeat(64)

/** Version `n` of noble, uploaded `n` days into March. */
function version(n: number): ObservedVersion {
  return {
    fingerprint: fp(n),
    size: 100,
    uploadedAt: new Date(Date.UTC(2027, 2, n)),
    properties: { 'hyperkit.manifest': 'me', 'hyperkit.image': 'noble' },
    cached: false,
    aliases: [],
    inUse: false,
  }
}

function desired(rules: RetentionRule[]): DesiredServer {
  return {
    name: 'prod',
    images: [...new Set(rules.map(({ fingerprint }) => fingerprint))].map((fingerprint) => ({
      names: rules.filter((rule) => rule.fingerprint === fingerprint).map(({ name }) => name),
      fingerprint,
      size: 100,
      origin: { kind: 'files', files: { kind: 'unified', file: '/a' } },
      aliases: rules
        .filter((rule) => rule.fingerprint === fingerprint)
        .map(({ name }) => ({ name, description: undefined })),
      public: undefined,
      properties: {},
      expiresAt: undefined,
    })),
    absent: [],
    retention: rules,
  }
}

const noble = (more: Partial<RetentionRule> = {}): RetentionRule => ({
  name: 'noble',
  fingerprint: fp(4),
  ...more,
})
const four = [version(1), version(2), version(3), version(4)]

describe('planPruning', () => {
  const server = (more: Partial<ReadServer>): ReadServer => ({
    status: 'read',
    name: 'prod',
    identity: 'prod',
    dialect: 'lxd',
    version: '5.0.2',
    images: new Map(),
    aliases: new Map(),
    versions: { status: 'read', images: four },
    ...more,
  })
  const prune = (
    rules: RetentionRule[],
    observed: ObservedServer[],
    names = ['prod'],
    max: number | null = 5,
  ): Plan => {
    const wanted = {
      manifest: { file: 'images.yaml', name: 'me' },
      servers: names.map((name) => ({ ...desired(rules), name })),
      ...(max === null ? {} : { prune: { maxDelete: max } }),
    }
    return planPruning(planChanges(wanted, observed), wanted, observed, { now, alone: false })
  }
  const deletions = (plan: Plan): number =>
    plan.servers
      .flatMap((each) => (each.status === 'planned' ? each.changes : []))
      .filter(({ action }) => action === 'delete-image').length

  test('a plan ends with the deletions of retention if the manifest has prune', () => {
    const { servers } = prune([noble({ keep: 3 })], [server({})])
    expect(servers).toMatchObject([
      {
        changes: [
          { action: 'upload-image' },
          { action: 'create-alias' },
          { action: 'delete-image', fingerprint: fp(1) },
        ],
      },
    ])
    expect(deletions(prune([noble({ keep: 3 })], [server({})], ['prod'], null))).toBe(0)
  })

  test('no version of a refused image is deleted, whichever of its names the version has', () => {
    const rules = [noble({ name: 'web', keep: 1 }), noble({ keep: 1 })]
    const wanted = {
      manifest: { file: 'images.yaml', name: 'me' },
      servers: [desired(rules)],
      prune: { maxDelete: 5 },
    }
    const plan = planChanges(wanted, [server({})])
    const problems = [{ image: 'web', error: { code: 'precondition-failed', message: 'refused' } }]
    const refused = { ...plan, servers: plan.servers.map((each) => ({ ...each, changes: [], problems })) }
    const options = { now, alone: false }
    expect(deletions(planPruning(plan, wanted, [server({})], options))).toBeGreaterThan(0)
    expect(deletions(planPruning(refused as Plan, wanted, [server({})], options))).toBe(0)
  })

  const off = { code: 'unreachable', message: 'it is off' }

  test('a server whose listing may be incomplete is not pruned, and the others are', () => {
    const versions = { status: 'unread', error: { code: 'truncated-list', message: 'cut' } } as const
    const observed = [server({}), server({ name: 'two', identity: 'two', mark: 'certificate b', versions })]
    const plan = prune([noble({ keep: 3 })], observed, ['prod', 'two'])
    expect(plan.servers).toMatchObject([
      { changes: [{}, {}, { action: 'delete-image' }] },
      { notPruned: 'cut' },
    ])
    expect(plan.servers[0]).not.toHaveProperty('notPruned')
    expect(deletions(plan)).toBe(1)
  })

  test('a server is pruned although another one could not be read', () => {
    const two: ObservedServer = { status: 'unread', name: 'two', mark: 'certificate b', error: off }
    const plan = prune([noble({ keep: 3 })], [server({ mark: 'certificate a' }), two], ['prod', 'two'])
    expect(deletions(plan)).toBe(1)
    expect(plan).not.toHaveProperty('notPruned')
  })

  test('a server that does not show which images are in use is not pruned, the others are, and the missing right is named', () => {
    const images = four.map((image) => ({ ...image, inUse: undefined }))
    const versions = { status: 'read', images, usageHidden: 'the right' } as const
    const observed = [server({ versions }), server({ name: 'two', identity: 'two' })]
    const plan = prune([noble({ keep: 3 })], observed, ['prod', 'two'])
    const why =
      'whether an instance, a snapshot or a profile uses it is unknown, because this client lacks the right'
    expect(plan.notPruned).toBeUndefined()
    expect(plan.servers[0]).toMatchObject({
      spared: [{ fingerprint: fp(1), why }],
      usageHidden: 'the right',
    })
    expect(plan.servers[1]).not.toHaveProperty('usageHidden')
    expect(deletions(plan)).toBe(1)
  })

  const deleted = (one: Partial<ReadServer>, two: Partial<ReadServer>, other: RetentionRule): string[] => {
    const observed = [server(one), server({ name: 'two', ...two })]
    const wanted = {
      manifest: { file: 'images.yaml', name: 'me' },
      servers: [desired([noble({ keep: 1 })]), { ...desired([other]), name: 'two' }],
      prune: { maxDelete: 5 },
    }
    const plan = planPruning(planChanges(wanted, observed), wanted, observed, { now, alone: false })
    return plan.servers.flatMap((each) =>
      (each.status === 'planned' ? each.changes : [])
        .filter(({ action }) => action === 'delete-image')
        .map(({ fingerprint }) => `${each.name} ${fingerprint[0]}`),
    )
  }
  const jammy = { name: 'jammy', fingerprint: fp(2) }
  const [web, main] = [{ imagesProject: 'web' }, { imagesProject: 'default' }]

  test('an image that another entry for the same server wants stays, and the others are deleted once', () => {
    expect(deleted(main, main, jammy).sort()).toEqual(['prod 1', 'prod 3'])
    expect(deleted(web, web, noble({ keep: 2 })).sort()).toEqual(
      deleted(main, main, noble({ keep: 2 })).sort(),
    )
    expect(deleted(main, main, noble({ keep: 3 }))).toEqual(['prod 1'])
  })

  test('an image that only an entry for another project of the server wants is deleted', () => {
    expect(
      deleted(main, web, jammy)
        .filter((each) => each.startsWith('prod'))
        .sort(),
    ).toEqual(['prod 1', 'prod 2', 'prod 3'])
  })

  test('an image that an entry of an unknown project may want stays', () => {
    expect(deleted(main, {}, jammy).filter((each) => each.endsWith('2'))).toEqual([])
    expect(deleted({}, {}, jammy).filter((each) => each.endsWith('2'))).toEqual([])
  })

  const beside = (one: Partial<ReadServer>, two: ObservedServer, other: RetentionRule): string[] => {
    const observed = [server(one), two]
    const wanted = {
      manifest: { file: 'images.yaml', name: 'me' },
      servers: [desired([noble({ keep: 1 })]), { ...desired([other]), name: 'two' }],
      prune: { maxDelete: 5 },
    }
    const plan = planPruning(planChanges(wanted, observed), wanted, observed, { now, alone: false })
    const [prod] = plan.servers
    return (prod?.status === 'planned' ? prod.changes : [])
      .filter(({ action }) => action === 'delete-image')
      .map(({ fingerprint }) => fingerprint.slice(0, 1))
      .sort()
  }
  const unread = (mark?: string): ObservedServer => ({
    status: 'unread',
    name: 'two',
    ...(mark === undefined ? {} : { mark }),
    error: off,
  })

  test.each<[string, Partial<ReadServer>, ObservedServer]>([
    ['an unread server of which nothing was seen', { mark: 'certificate a' }, unread()],
    ['an unread server with the same certificate', { mark: 'certificate a' }, unread('certificate a')],
    ['an unread socket', { mark: 'certificate a' }, unread('socket 1:2')],
    ['a server over plain http', { mark: 'certificate a' }, server({ name: 'two', identity: 'http://two' })],
    ['a socket', { mark: 'certificate a' }, server({ name: 'two', identity: 's', mark: 'socket 1:2' })],
    ['an unread socket beside another one', { mark: 'socket 1:1' }, unread('socket 1:2')],
    [
      'a server that says the same of itself behind another certificate',
      { mark: 'certificate a', claim: 'a (one)' },
      server({ name: 'two', identity: 'b (one)', mark: 'certificate b', claim: 'a (one)' }),
    ],
  ])('what an entry wants stays, if it may be the same server: %s', (_, one, two) => {
    expect(beside(one, two, jammy)).toEqual(['1', '3'])
    expect(beside(one, two, noble({ keep: 2 }))).toEqual(['1', '2'])
    expect(beside(one, two, { name: 'focal', fingerprint: fp(9) })).toEqual(['1', '2', '3'])
  })

  test.each<[string, ObservedServer]>([
    ['an unread server with another certificate', unread('certificate b')],
    [
      'a server that says something else of itself',
      server({ name: 'two', identity: 'b', mark: 'certificate b', claim: 'b' }),
    ],
    [
      'a standalone server of another name with the same certificate',
      server({ name: 'two', identity: 'a (two)', mark: 'certificate a' }),
    ],
  ])('what an entry wants does not matter, if it is surely another server: %s', (_, two) => {
    const one = { identity: 'a (one)', mark: 'certificate a' }
    expect(beside(one, two, jammy)).toEqual(['1', '2', '3'])
  })

  test('a server is not pruned if an entry that may be the same has a source that could not be read', () => {
    const wanted = {
      manifest: { file: 'images.yaml', name: 'me' },
      servers: [
        desired([noble({ keep: 1 })]),
        { name: 'two', images: [], absent: [], unresolved: [{ name: 'x', error: off }] },
      ],
      prune: { maxDelete: 5 },
    }
    const plan = (two: ObservedServer): Plan => {
      const observed = [server({ mark: 'certificate a' }), two]
      return planPruning(planChanges(wanted, observed), wanted, observed, { now, alone: false })
    }
    expect(plan(unread()).servers[0]).toMatchObject({
      notPruned:
        'the source of image "x" could not be read, and "two", which wants it, may be the same server',
    })
    expect(deletions(plan(unread('certificate b')))).toBe(3)
  })

  test('pruning for an empty or shrunken manifest is refused unless it is allowed', () => {
    const wanted = {
      manifest: { file: 'images.yaml', name: 'me' },
      servers: [desired([])],
      prune: { maxDelete: 5 },
    }
    const plan = planPruning(planChanges(wanted, [server({})]), wanted, [server({})], { now, alone: false })
    expect(guardPlan(plan, wanted)).toEqual([
      {
        server: 'prod',
        message:
          'Cannot prune "prod": the manifest no longer names "noble" there; declare it with "state: absent", or confirm with --allow-empty',
      },
    ])
    expect(guardPlan(plan, wanted, { allowEmpty: true })).toEqual([])
    expect(deletions(plan)).toBe(4)
  })
})
