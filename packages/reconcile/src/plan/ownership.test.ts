import { describe, expect, test } from 'vitest'
import type { Desired, DesiredImage } from '../desired/desired.ts'
import type { ObservedImage, ReadServer } from '../observed/observed.ts'
import { readMark, writeMark } from '../ownership/alias-mark.ts'
import { writeCreationMark } from '../ownership/creation-mark.ts'
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
])('description %j with the mark of %j becomes %j, and the mark can be read back', (before, owner, after) => {
  expect(writeMark(before, owner)).toBe(after)
  expect(readMark(after).owner).toBe(owner)
  expect(writeMark(after, owner)).toBe(after)
})

describe('findOwner', () => {
  const it = { fingerprint: 'a' }
  const noted = { 'hyperkit.creation': writeCreationMark({ owner: 'me', names: ['web'] }, 'a') }
  test.each<[string, string | null, Parameters<typeof findOwner>]>([
    [
      'the manifest in the image’s property, whatever its aliases say',
      'a',
      [{ ...it, properties: { 'hyperkit.manifest': 'a' } }, [mine]],
    ],
    [
      'the manifest of all aliases if the property is missing',
      'me',
      [{ ...it, properties: {} }, [mine, `x ${mine}`]],
    ],
    ['nobody if one alias has another owner', null, [{ ...it, properties: {} }, [mine, 'x']]],
    [
      'nobody if the aliases belong to two manifests',
      null,
      [{ ...it, properties: {} }, [mine, '[hyperkit: a]']],
    ],
    ['nobody without a property and an alias', null, [{ ...it, properties: {} }, []]],
    [
      'the manifest in the creation note of a killed download if there is no alias',
      'me',
      [{ ...it, properties: noted }, []],
    ],
    [
      'nobody if the creation note is about another image',
      null,
      [{ ...it, fingerprint: 'b', properties: noted }, []],
    ],
    [
      'nobody if there is a creation note and an alias of another owner',
      null,
      [{ ...it, properties: noted }, ['x']],
    ],
    [
      'nobody if the server keeps the image for itself',
      null,
      [{ ...it, properties: {}, cached: true }, [mine]],
    ],
  ])('the owner of an image is %s', (_, owner, [image, descriptions]) => {
    expect(findOwner(image, descriptions)).toBe(owner)
  })
})

describe('marks', () => {
  const marked = [
    { field: 'property', key: 'hyperkit.image', before: null, after: 'noble' },
    { field: 'property', key: 'hyperkit.manifest', before: null, after: 'me' },
  ]

  test('an image that a killed run left without a mark gets it', () => {
    const { changes } = plan([wanted(one)], server({ [one]: {} }))
    expect(changes).toMatchObject([{ action: 'update-image', fields: marked }, { action: 'create-alias' }])
  })

  test('an image that lost its mark in a refresh and is known by its aliases gets it again', () => {
    const { changes } = plan([wanted(one)], server({ [one]: {} }, { noble: [one, mine] }))
    expect(changes).toMatchObject([{ action: 'update-image', fields: marked }])
  })

  test('an image that a refresh made is marked before its alias moves, so that it stays a version', () => {
    const { changes, refusals } = plan([wanted(two)], server({ [one]: {} }, { noble: [one, mine] }))
    expect(refusals).toEqual([])
    expect(changes).toMatchObject([
      { action: 'update-image', fingerprint: one, fields: marked },
      { action: 'upload-image', fingerprint: two },
      { action: 'update-alias', fingerprint: two },
    ])
  })

  test('an image with an alias of another owner gets no mark, and neither does that alias', () => {
    const observed = server({ [one]: {} }, { noble: [one, 'by hand'] })
    expect(plan([wanted(one)], observed).changes).toEqual([])
    const more = plan([wanted(one, ['noble'], ['noble', 'lts'])], observed)
    expect(more.changes).toMatchObject([{ action: 'create-alias', alias: 'lts' }])
    const unread = server({ [one]: {} }, { noble: [one, mine], 'unread/theirs': [one, ''] })
    expect(plan([wanted(one)], unread).changes).toEqual([])
  })

  test('an image that the server keeps for its own instances gets no mark', () => {
    const { changes } = plan([wanted(one)], server({ [one]: { cached: true } }))
    expect(changes.map(({ action }) => action)).toEqual(['create-alias'])
  })

  test('an alias whose description was rewritten gets its mark again', () => {
    const properties = { 'hyperkit.manifest': 'me', 'hyperkit.image': 'noble' }
    const { changes } = plan([wanted(one)], server({ [one]: { properties } }, { noble: [one, 'new words'] }))
    expect(changes).toMatchObject([{ action: 'update-alias', after: { description: `new words ${mine}` } }])
  })

  test('the mark of an image keeps the names that it had before', () => {
    const properties = { 'hyperkit.manifest': 'me', 'hyperkit.image': 'jammy' }
    const { changes } = plan([wanted(one)], server({ [one]: { properties } }, { noble: [one, mine] }))
    expect(changes).toMatchObject([
      { fields: [{ key: 'hyperkit.image', before: 'jammy', after: 'jammy\nnoble' }] },
    ])
  })

  test('an absent name deletes an image that lost its property and is known by its alias', () => {
    const { changes, refusals } = plan([], server({ [one]: {} }, { noble: [one, mine] }), ['noble'])
    expect([changes.map(({ action }) => action), refusals]).toEqual([['delete-image'], []])
  })
})

describe('ownership of other manifests', () => {
  test.each<[string, ReadServer]>([
    ['by its description', server({ [one]: {} }, { noble: [one, '[hyperkit: other]'] })],
    [
      'by its image',
      server({ [one]: { properties: { 'hyperkit.manifest': 'other' } } }, { noble: [one, ''] }),
    ],
  ])('an alias of another manifest, known %s, is not taken over', (_, observed) => {
    expect(plan([wanted(two)], observed).refusals).toEqual([
      'Cannot change alias "noble" on "prod": it belongs to manifest "other", not to "me"; take it over with "adopt noble", or remove it from one of the two manifests',
    ])
  })

  test('an image of another manifest that is already as desired is left alone', () => {
    const observed = server(
      { [one]: { properties: { 'hyperkit.manifest': 'other' } } },
      { noble: [one, '[hyperkit: other]'] },
    )
    expect(plan([wanted(one)], observed)).toEqual({ changes: [], refusals: [] })
  })

  test('an alias without a mark is taken over and marked', () => {
    const { changes, refusals } = plan([wanted(two)], server({ [one]: {} }, { noble: [one, 'The LTS'] }))
    expect(refusals).toEqual([])
    expect(changes[1]).toMatchObject({
      action: 'update-alias',
      after: { target: two, description: `The LTS ${mine}` },
    })
  })
})
