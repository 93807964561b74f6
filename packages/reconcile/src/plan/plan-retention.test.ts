import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DesiredServer, RetentionRule } from '../desired/desired.ts'
import type { ObservedVersion } from '../observed/observed.ts'
import { findOwner } from './find-owner.ts'
import { listVersions } from './list-versions.ts'
import { planRetention } from './plan-retention.ts'

const now = new Date('2027-03-31T12:00:00Z')
const fp = (digit: number | string): string => String(digit).repeat(64)

/** Version `n` of noble, uploaded `n` days into March. */
function version(n: number, more: Partial<ObservedVersion> & { names?: string } = {}): ObservedVersion {
  const { names = 'noble', ...rest } = more
  return {
    fingerprint: fp(n),
    size: 100,
    uploadedAt: new Date(Date.UTC(2027, 2, n)),
    properties: { 'hyperkit.manifest': 'me', 'hyperkit.image': names },
    cached: false,
    aliases: [],
    inUse: false,
    ...rest,
  }
}

const alias = (name: string, description = '[hyperkit: me]') => ({ name, description })

function desired(rules: RetentionRule[], absent: string[] = []): DesiredServer {
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
    absent: absent.map((name) => ({ name, aliases: [name] })),
    retention: rules,
  }
}

function retain(
  rules: RetentionRule[],
  images: ObservedVersion[],
  more: Partial<Parameters<typeof planRetention>[2]> & { absent?: string[] } = {},
) {
  const { absent, ...options } = more
  const { deletions, spared } = planRetention(desired(rules, absent), images, {
    owner: 'me',
    now,
    maxDelete: 5,
    isLeaving: () => false,
    willArrive: true,
    ...options,
  })
  return {
    gone: deletions.map(({ fingerprint }) => fingerprint[0]),
    spared: spared.map(({ fingerprint, why }) => [fingerprint[0], why]),
    deletions,
  }
}

const noble = (more: Partial<RetentionRule> = {}): RetentionRule => ({
  name: 'noble',
  fingerprint: fp(4),
  ...more,
})
const four = [version(1), version(2), version(3), version(4)]

describe('planRetention', () => {
  test('versions of an image for which nothing can be planned stay, and those of other images are deleted', () => {
    const rules = [noble({ keep: 1, fingerprint: fp(9) }), { name: 'jammy', fingerprint: fp(8), keep: 1 }]
    const images = [...four, version(5, { names: 'jammy' }), version(6, { names: 'jammy\nnoble' })]
    expect(retain(rules, images, { held: new Set(['noble']) }).gone).toEqual(['5'])
  })

  test.each<[string, RetentionRule, (string | undefined)[]]>([
    ['all versions stay without a rule', noble(), []],
    ['keep: 1 keeps the desired version', noble({ keep: 1 }), ['1', '2', '3']],
    ['keep: 3 keeps the desired version and the two before it', noble({ keep: 3 }), ['1']],
    ['keep: 9 keeps all versions', noble({ keep: 9 }), []],
    [
      'the desired version counts as the first, whenever it was uploaded',
      noble({ keep: 2, fingerprint: fp(1) }),
      ['2', '3'],
    ],
    [
      'the desired version counts as the first even before it is uploaded',
      noble({ keep: 2, fingerprint: fp(9) }),
      ['1', '2', '3'],
    ],
    ['keepDays: 29 keeps versions that were replaced in the last 29 days', noble({ keepDays: 29 }), ['1']],
    ['keepDays: 30 also keeps a version that was replaced 29 days ago', noble({ keepDays: 30 }), []],
    ['keepDays: 1 keeps the desired version, however old it is', noble({ keepDays: 1 }), ['1', '2', '3']],
    ['a version stays if either keep or keepDays keeps it', noble({ keep: 2, keepDays: 29 }), ['1']],
    [
      'keepDays counts from an upload that is still planned',
      noble({ keepDays: 29, fingerprint: fp(9) }),
      ['1'],
    ],
  ])('%s', (_, rule, gone) => {
    expect(retain([rule], four).gone).toEqual(gone)
  })

  test('a deletion says why the version is deleted', () => {
    expect(retain([noble({ keep: 3 })], four).deletions).toEqual([
      {
        action: 'delete-image',
        image: 'noble',
        fingerprint: fp(1),
        bytes: 100,
        aliases: [],
        owner: 'me',
        prune: {
          kind: 'superseded',
          name: 'noble',
          position: 4,
          keep: 3,
          uploadedAt: '2027-03-01T00:00:00.000Z',
        },
      },
    ])
  })

  test('at most maxDelete versions are deleted, oldest first, and the others are reported', () => {
    const { gone, spared } = retain([noble({ keep: 1 })], four, { maxDelete: 2 })
    expect([gone, spared]).toEqual([['1', '2'], [['3', 'prune.maxDelete allows 2 at a time']]])
  })

  test.each<[string, Partial<ObservedVersion> & { names?: string }, string | undefined]>([
    [
      'an instance, a snapshot or a profile uses it',
      { inUse: true },
      'an instance, a snapshot or a profile uses it',
    ],
    [
      'the server does not show whether it is in use',
      { inUse: undefined },
      'whether an instance, a snapshot or a profile uses it is unknown, because this client lacks the right to see what uses it',
    ],
    [
      'an alias of another owner points at it',
      { aliases: [alias('theirs', '')] },
      'alias "theirs" points at it',
    ],
    [
      'an alias of the manifest still points at it',
      { aliases: [alias('noble')] },
      'alias "noble" points at it',
    ],
    [
      'another manifest owns it',
      { properties: { 'hyperkit.manifest': 'other', 'hyperkit.image': 'noble' } },
      undefined,
    ],
    ['it has no owner', { properties: {} }, undefined],
    ['its upload time is unknown and keepDays is set', { uploadedAt: undefined }, undefined],
    ['it is also a version of another image that keeps all versions', { names: 'noble\njammy' }, undefined],
  ])('the oldest version stays if %s', (_, more, why) => {
    const rules = [noble({ keep: 2, keepDays: 2 }), { name: 'jammy', fingerprint: fp(4) }]
    const { gone, spared } = retain(rules, [version(1, more), ...four.slice(1)])
    expect([gone, spared]).toEqual([['2'], why === undefined ? [] : [['1', why]]])
  })

  test('an alias that the plan moves away does not keep a version', () => {
    const images = [version(1, { aliases: [alias('noble')] }), version(4)]
    expect(
      retain([noble({ keep: 1 })], images, { isLeaving: (name) => name === 'noble' }).deletions,
    ).toMatchObject([{ fingerprint: fp(1), aliases: [] }])
  })

  test('versions of an absent name are deleted, and versions of a name that the manifest no longer has go with their aliases', () => {
    const images = [
      version(1),
      version(2, { names: 'old' }),
      version(3, { names: 'gone', aliases: [alias('gone')] }),
    ]
    const { deletions } = retain([noble({ fingerprint: fp(1) })], images, { absent: ['old'] })
    expect(deletions).toMatchObject([
      { fingerprint: fp(2), prune: { kind: 'absent', name: 'old' }, aliases: [] },
      { fingerprint: fp(3), prune: { kind: 'dropped', name: 'gone' }, aliases: ['gone'] },
    ])
  })
})

test('for any versions, one that is desired, in use, named, of another owner or kept by a rule is never deleted', () => {
  const images = fc
    .array(
      fc.record({
        owner: fc.constantFrom('me', 'other', ''),
        names: fc.constantFrom('a', 'b', 'c', 'a\nb', ''),
        inUse: fc.option(fc.boolean(), { nil: undefined }),
        cached: fc.boolean(),
        days: fc.option(fc.nat(60), { nil: undefined }),
        alias: fc.option(fc.constantFrom('', '[hyperkit: me]'), { nil: undefined }),
      }),
      { maxLength: 9 },
    )
    .map((list) =>
      list.map(({ owner, names, inUse, cached, days, alias: description }, index) =>
        version(index + 1, {
          inUse,
          cached,
          uploadedAt: days === undefined ? undefined : new Date(now.getTime() - days * 86_400_000),
          properties: {
            ...(owner && { 'hyperkit.manifest': owner }),
            ...(names && { 'hyperkit.image': names }),
          },
          aliases: description === undefined ? [] : [alias(`x${index}`, description)],
        }),
      ),
    )
  const keep = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined })
  fc.assert(
    fc.property(images, keep, keep, fc.nat(9), fc.nat(3), (list, keepA, keepB, wanted, maxDelete) => {
      const rules = [
        { name: 'a', fingerprint: fp(wanted), keep: keepA },
        { name: 'b', fingerprint: fp(wanted), keep: keepB },
      ]
      const { deletions } = retain(rules, list, { maxDelete })
      expect(deletions.length).toBeLessThanOrEqual(maxDelete)
      for (const { fingerprint, prune } of deletions) {
        const image = list.find((each) => each.fingerprint === fingerprint)
        expect(image?.inUse).toBe(false)
        expect(
          image &&
            findOwner(
              image,
              image.aliases.map(({ description }) => description),
            ),
        ).toBe('me')
        expect(fingerprint).not.toBe(fp(wanted))
        expect(
          image?.aliases.filter(({ description }) => prune?.kind !== 'dropped' || description === ''),
        ).toEqual([])
      }
      for (const { name, keep: kept } of rules) {
        const had = listVersions(list, 'me').filter(({ names }) => names.includes(name))
        const left = had.filter(
          (image) => !deletions.some(({ fingerprint }) => fingerprint === image.fingerprint),
        )
        // The desired version takes a place of its own before it is uploaded.
        expect(left.length).toBeGreaterThanOrEqual(Math.min(had.length, (kept ?? had.length) - 1))
      }
    }),
  )
})
