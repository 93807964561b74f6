import { describe, expect, test } from 'vitest'
import type { Desired, DesiredImage } from '../desired/desired.ts'
import type { ObservedImage, ReadServer } from '../observed/observed.ts'
import { readMark, writeMark } from '../ownership/alias-mark.ts'
import { writeNote } from '../ownership/creation-note.ts'
import { findOwner } from './find-owner.ts'
import { guardPlan } from './guard/guard-plan.ts'
import { planChanges } from './plan-changes.ts'

const [one, two] = ['1'.repeat(64), '2'.repeat(64)]
const mine = '[hyperkit: me]'

const wanted = (fingerprint: string, names = ['noble'], aliases = names): DesiredImage => ({
  names,
  fingerprint,
  size: 1000,
  origin: { kind: 'files', files: { kind: 'unified', file: '/noble.tar.gz' } },
  aliases: aliases.map((name) => ({ name, description: undefined })),
  public: undefined,
  properties: {},
  expiresAt: undefined,
})

/** A server with images that have these properties, and aliases with these descriptions. */
function server(
  images: Record<string, Partial<ObservedImage>>,
  aliases: Record<string, [target: string, description: string]> = {},
): ReadServer {
  const named = (fingerprint: string) =>
    Object.entries(aliases).filter(([, [target]]) => target === fingerprint)
  return {
    status: 'read',
    name: 'prod',
    identity: 'prod',
    dialect: 'lxd',
    version: '5.0.2',
    images: new Map(
      Object.entries(images).map(([fingerprint, more]) => [
        fingerprint,
        {
          fingerprint,
          size: 1000,
          public: false,
          properties: {},
          expiresAt: undefined,
          autoUpdate: false,
          profiles: ['default'],
          aliases: named(fingerprint).map(([name]) => name),
          descriptions: Object.fromEntries(named(fingerprint).map(([name, [, text]]) => [name, text])),
          etag: 'etag',
          inUse: false,
          ...more,
        },
      ]),
    ),
    aliases: new Map(
      Object.entries(aliases)
        .filter(([name]) => !name.startsWith('unread'))
        .map(([name, [target, description]]) => [name, { name, target, description, etag: 'etag' }]),
    ),
  }
}

function plan(images: DesiredImage[], observed: ReadServer, absent: string[] = []) {
  const desired: Desired = {
    manifest: { file: 'images.yaml', name: 'me' },
    servers: [{ name: 'prod', images, absent: absent.map((name) => ({ name, aliases: [name] })) }],
  }
  const planned = planChanges(desired, [observed])
  const [first] = planned.servers
  if (first?.status !== 'planned') throw new Error('not planned')
  return { changes: first.changes, refusals: guardPlan(planned, desired).map(({ message }) => message) }
}

test.each([
  ['', 'me', mine],
  ['The LTS', 'me', `The LTS ${mine}`],
  ['The LTS [hyperkit: other]', 'me', `The LTS ${mine}`],
  [`The\nLTS ${mine}`, null, 'The\nLTS'],
  [mine, null, ''],
  ['[hyperkit: two words]', 'me', `[hyperkit: two words] ${mine}`],
])('%j marked by %j is %j, and reads back', (before, owner, after) => {
  expect(writeMark(before, owner)).toBe(after)
  expect(readMark(after).owner).toBe(owner)
  expect(writeMark(after, owner)).toBe(after)
})

describe('an image belongs', () => {
  const it = { fingerprint: 'a' }
  const noted = { 'hyperkit.creation': writeNote({ owner: 'me', names: ['web'] }, 'a') }
  test.each<[string, string | null, Parameters<typeof findOwner>]>([
    [
      'to the manifest in its property, whatever its aliases say',
      'a',
      [{ ...it, properties: { 'hyperkit.manifest': 'a' } }, [mine]],
    ],
    [
      'without one, to the manifest of all its aliases',
      'me',
      [{ ...it, properties: {} }, [mine, `x ${mine}`]],
    ],
    ['to nobody where an alias is somebody else’s', null, [{ ...it, properties: {} }, [mine, 'x']]],
    ['to nobody where two manifests name it', null, [{ ...it, properties: {} }, [mine, '[hyperkit: a]']]],
    ['to nobody without property and alias', null, [{ ...it, properties: {} }, []]],
    ['without alias, to whom the note of a killed download says', 'me', [{ ...it, properties: noted }, []]],
    [
      'not to whom a note says that is about another image',
      null,
      [{ ...it, fingerprint: 'b', properties: noted }, []],
    ],
    ['not to whom a note says where somebody else names it', null, [{ ...it, properties: noted }, ['x']]],
    [
      'to nobody where the server keeps it for itself',
      null,
      [{ ...it, properties: {}, cached: true }, [mine]],
    ],
  ])('%s', (_, owner, [image, descriptions]) => {
    expect(findOwner(image, descriptions)).toBe(owner)
  })
})

describe('the mark', () => {
  const marked = [
    { field: 'property', key: 'hyperkit.image', before: null, after: 'noble' },
    { field: 'property', key: 'hyperkit.manifest', before: null, after: 'me' },
  ]

  test('is given to an upload that a killed run left without it', () => {
    const { changes } = plan([wanted(one)], server({ [one]: {} }))
    expect(changes).toMatchObject([{ action: 'update-image', fields: marked }, { action: 'create-alias' }])
  })

  test('is given again to an image that lost it in a refresh, known by its aliases', () => {
    const { changes } = plan([wanted(one)], server({ [one]: {} }, { noble: [one, mine] }))
    expect(changes).toMatchObject([{ action: 'update-image', fields: marked }])
  })

  test('is given to what a refresh made before the alias moves on, so that it stays a version', () => {
    const { changes, refusals } = plan([wanted(two)], server({ [one]: {} }, { noble: [one, mine] }))
    expect(refusals).toEqual([])
    expect(changes).toMatchObject([
      { action: 'update-image', fingerprint: one, fields: marked },
      { action: 'upload-image', fingerprint: two },
      { action: 'update-alias', fingerprint: two },
    ])
  })

  test('is not given to an image that somebody gave a name, that name included', () => {
    const observed = server({ [one]: {} }, { noble: [one, 'by hand'] })
    expect(plan([wanted(one)], observed).changes).toEqual([])
    const more = plan([wanted(one, ['noble'], ['noble', 'lts'])], observed)
    expect(more.changes).toMatchObject([{ action: 'create-alias', alias: 'lts' }])
    const unread = server({ [one]: {} }, { noble: [one, mine], 'unread/theirs': [one, ''] })
    expect(plan([wanted(one)], unread).changes).toEqual([])
  })

  test('is not given to what the server keeps for its own instances', () => {
    const { changes } = plan([wanted(one)], server({ [one]: { cached: true } }))
    expect(changes.map(({ action }) => action)).toEqual(['create-alias'])
  })

  test('comes back on an alias whose description somebody wrote anew', () => {
    const properties = { 'hyperkit.manifest': 'me', 'hyperkit.image': 'noble' }
    const { changes } = plan([wanted(one)], server({ [one]: { properties } }, { noble: [one, 'new words'] }))
    expect(changes).toMatchObject([{ action: 'update-alias', after: { description: `new words ${mine}` } }])
  })

  test('keeps the names that an image had before', () => {
    const properties = { 'hyperkit.manifest': 'me', 'hyperkit.image': 'jammy' }
    const { changes } = plan([wanted(one)], server({ [one]: { properties } }, { noble: [one, mine] }))
    expect(changes).toMatchObject([
      { fields: [{ key: 'hyperkit.image', before: 'jammy', after: 'jammy\nnoble' }] },
    ])
  })

  test('lets an absent name take an image that lost its property', () => {
    const { changes, refusals } = plan([], server({ [one]: {} }, { noble: [one, mine] }), ['noble'])
    expect([changes.map(({ action }) => action), refusals]).toEqual([['delete-image'], []])
  })
})

describe('what belongs to another manifest', () => {
  test.each<[string, ReadServer]>([
    ['by its description', server({ [one]: {} }, { noble: [one, '[hyperkit: other]'] })],
    [
      'by its image',
      server({ [one]: { properties: { 'hyperkit.manifest': 'other' } } }, { noble: [one, ''] }),
    ],
  ])('is an alias that is not taken over, known %s', (_, observed) => {
    expect(plan([wanted(two)], observed).refusals).toEqual([
      'Cannot change alias "noble" on "prod": it belongs to manifest "other", not to "me"; take it over with "adopt noble", or drop it from one of the two',
    ])
  })

  test('is left alone where it is as wanted already', () => {
    const observed = server(
      { [one]: { properties: { 'hyperkit.manifest': 'other' } } },
      { noble: [one, '[hyperkit: other]'] },
    )
    expect(plan([wanted(one)], observed)).toEqual({ changes: [], refusals: [] })
  })

  test('is no alias that nobody marked: it is taken, and marked', () => {
    const { changes, refusals } = plan([wanted(two)], server({ [one]: {} }, { noble: [one, 'The LTS'] }))
    expect(refusals).toEqual([])
    expect(changes[1]).toMatchObject({
      action: 'update-alias',
      after: { target: two, description: `The LTS ${mine}` },
    })
  })
})
