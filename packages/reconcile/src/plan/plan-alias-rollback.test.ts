import { expect, test } from 'vitest'
import type { ObservedVersion } from '../observed/observed.ts'
import { planAliasRollback } from './plan-alias-rollback.ts'

const fp = (digit: number): string => String(digit).repeat(64)

const version = (n: number, names = 'noble', manifest = 'me'): ObservedVersion => ({
  fingerprint: fp(n),
  size: 100,
  uploadedAt: new Date(Date.UTC(2027, 2, n)),
  properties: { 'hyperkit.manifest': manifest, 'hyperkit.image': names },
  cached: false,
  aliases: [],
  inUse: false,
})

const alias = (target: string, description = 'words [hyperkit: me]') => ({
  name: 'lts',
  description,
  target,
  etag: 'etag-lts',
})
// Unordered, as servers list images in any order.
const all = [
  version(2),
  version(4, 'jammy\nnoble'),
  version(1),
  version(3, 'jammy'),
  version(5, 'noble', 'other'),
]
const rollback = { owner: 'me', image: 'noble' }

test.each([
  [4, 2, undefined],
  [2, 1, fp(1)],
])(
  'an alias at version %i goes back to version %i, under its ETag and with its description',
  (from, to, wanted) => {
    expect(planAliasRollback(alias(fp(from)), all, { ...rollback, to: wanted })).toEqual({
      change: {
        action: 'update-alias',
        image: 'noble',
        fingerprint: fp(to),
        alias: 'lts',
        etag: 'etag-lts',
        before: { target: fp(from), description: 'words [hyperkit: me]' },
        after: { target: fp(to), description: 'words [hyperkit: me]' },
      },
    })
  },
)

test.each([
  [
    2,
    undefined,
    'it already points at 222222222222, a version before 444444444444; choose another one with --to',
  ],
  [
    1,
    undefined,
    'it already points at 111111111111, a version before 444444444444; choose another one with --to',
  ],
  [4, fp(4), 'it already points at 444444444444'],
])('an alias at version %i that was rolled back is left there', (from, to, unchanged) => {
  expect(planAliasRollback(alias(fp(from)), all, { ...rollback, to })).toEqual({ unchanged })
})

test('an alias that the manifest no longer names is rolled back by the names of its image', () => {
  const result = planAliasRollback(alias(fp(4)), all, { owner: 'me', image: undefined })
  expect(result).toMatchObject({ change: { image: 'jammy', fingerprint: fp(3) } })
})

test('--to accepts any version of the image, also a newer one', () => {
  const to = fp(4).slice(0, 12).toUpperCase()
  expect(planAliasRollback(alias(fp(1)), all, { ...rollback, to })).toMatchObject({
    change: { fingerprint: fp(4) },
  })
  expect(planAliasRollback(alias(fp(9)), all, { ...rollback, to: fp(1) })).toMatchObject({
    change: { fingerprint: fp(1) },
  })
})

test('an alias of the only version is not rolled back', () => {
  expect(planAliasRollback(alias(fp(1)), [version(1)], rollback)).toEqual({
    why: 'there is no earlier version',
  })
})

test.each([
  [fp(4), fp(3), undefined, `no version begins with ${fp(3)}; other versions: 222222222222, 111111111111`],
  [fp(4), fp(5), undefined, `no version begins with ${fp(5)}; other versions: 222222222222, 111111111111`],
  [
    fp(9),
    undefined,
    undefined,
    'it points at 999999999999, which is not a version of this manifest; other versions: 444444444444, 222222222222, 111111111111; choose one with --to',
  ],
  [fp(4), undefined, '[hyperkit: other]', 'it belongs to manifest "other", not to "me"'],
])('a rollback from %s to %s with description %s is refused', (target, to, description, why) => {
  expect(planAliasRollback(alias(target, description), all, { ...rollback, to })).toEqual({ why })
})
