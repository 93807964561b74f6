import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Desired, DesiredImage, DesiredServer } from '../desired/desired.ts'
import type { Change } from '../documents/plan.ts'
import type { ObservedAlias, ObservedImage, ReadServer } from '../observed/observed.ts'
import { ownerOfImage } from './find-owner.ts'
import { guardPlan } from './guard/guard-plan.ts'
import { planChanges } from './plan-changes.ts'

const owner = 'base-images'
const [one, two, three] = ['1', '2', '3'].map((digit) => digit.repeat(64)) as [string, string, string]

function wanted(fingerprint: string, more: Partial<DesiredImage> = {}): DesiredImage {
  return {
    names: ['noble'],
    fingerprint,
    size: 1000,
    origin: { kind: 'files', files: { kind: 'unified', file: '/noble.tar.gz' } },
    aliases: [{ name: 'noble', description: undefined }],
    public: undefined,
    properties: {},
    expiresAt: undefined,
    ...more,
  }
}

function found(fingerprint: string, more: Partial<ObservedImage> = {}): ObservedImage {
  return {
    fingerprint,
    size: 1000,
    public: false,
    properties: {},
    expiresAt: undefined,
    autoUpdate: false,
    profiles: ['default'],
    aliases: [],
    etag: `etag-${fingerprint[0]}`,
    inUse: false,
    ...more,
  }
}

const alias = (name: string, target: string, description = ''): ObservedAlias => ({
  name,
  description,
  target,
  etag: `etag-${name}`,
})

function read(images: ObservedImage[], aliases: ObservedAlias[]): ReadServer {
  return {
    status: 'read',
    name: 'prod',
    identity: 'prod',
    dialect: 'lxd',
    version: '5.0.2',
    images: new Map(images.map((image) => [image.fingerprint, image])),
    aliases: new Map(aliases.map((each) => [each.name, each])),
  }
}

const desiredOf = (server: Partial<DesiredServer>): Desired => ({
  manifest: { file: 'images.yaml', name: owner },
  servers: [{ name: 'prod', images: [], absent: [], ...server }],
})

function changes(server: Partial<DesiredServer>, observed: ReadServer): Change[] {
  const [planned] = planChanges(desiredOf(server), [observed]).servers
  if (planned?.status !== 'planned') throw new Error('not planned')
  return planned.changes
}

describe('planChanges', () => {
  test('a missing image is uploaded with the mark of its owner, and then gets its alias', () => {
    const image = wanted(one, {
      public: true,
      properties: { os: 'ubuntu' },
      expiresAt: new Date('2027-01-01'),
    })
    expect(changes({ images: [image] }, read([], []))).toEqual([
      {
        action: 'upload-image',
        image: 'noble',
        fingerprint: one,
        bytes: 1000,
        files: { kind: 'unified', file: '/noble.tar.gz' },
        fields: [
          { field: 'public', before: null, after: true },
          { field: 'expiresAt', before: null, after: '2027-01-01T00:00:00.000Z' },
          { field: 'property', key: 'hyperkit.image', before: null, after: 'noble' },
          { field: 'property', key: 'hyperkit.manifest', before: null, after: owner },
          { field: 'property', key: 'os', before: null, after: 'ubuntu' },
        ],
      },
      {
        action: 'create-alias',
        image: 'noble',
        fingerprint: one,
        alias: 'noble',
        after: { target: one, description: '[hyperkit: base-images]' },
      },
    ])
  })

  test('an alias moves after the upload, under the ETag that was read, and the old image stays', () => {
    const planned = changes({ images: [wanted(two)] }, read([found(one)], [alias('noble', one, 'The LTS')]))
    expect(planned.map(({ action }) => action)).toEqual(['upload-image', 'update-alias'])
    expect(planned[1]).toEqual({
      action: 'update-alias',
      image: 'noble',
      fingerprint: two,
      alias: 'noble',
      etag: 'etag-noble',
      before: { target: one, description: 'The LTS' },
      after: { target: two, description: 'The LTS [hyperkit: base-images]' },
    })
  })

  test('an update has each field before and after, and none that the manifest does not name', () => {
    const image = wanted(one, {
      public: true,
      expiresAt: null,
      properties: { os: 'ubuntu', gone: '', never: '', same: 'x' },
      aliases: [{ name: 'noble', description: 'new' }],
    })
    const observed = found(one, {
      expiresAt: new Date('2027-01-01'),
      properties: { os: 'debian', gone: 'y', same: 'x', other: 'z' },
    })
    expect(changes({ images: [image] }, read([observed], [alias('noble', one, 'old')]))).toEqual([
      {
        action: 'update-image',
        image: 'noble',
        fingerprint: one,
        etag: 'etag-1',
        fields: [
          { field: 'public', before: false, after: true },
          { field: 'expiresAt', before: '2027-01-01T00:00:00.000Z', after: null },
          { field: 'property', key: 'gone', before: 'y', after: null },
          { field: 'property', key: 'os', before: 'debian', after: 'ubuntu' },
        ],
      },
      {
        action: 'update-alias',
        image: 'noble',
        fingerprint: one,
        alias: 'noble',
        etag: 'etag-noble',
        before: { target: one, description: 'old' },
        after: { target: one, description: 'new' },
      },
    ])
  })

  test('the plan is empty if the server matches the manifest', () => {
    expect(changes({ images: [wanted(one)] }, read([found(one)], [alias('noble', one, 'kept')]))).toEqual([])
  })

  test('a server that could not be read gets no changes', () => {
    const error = { code: 'unreachable', message: 'Cannot reach "prod"' }
    const plan = planChanges(desiredOf({ images: [wanted(one)] }), [
      { status: 'unread', name: 'prod', error },
    ])
    expect(plan.servers).toEqual([{ status: 'unread', name: 'prod', error }])
  })
})

describe('absent names', () => {
  const absent = [{ name: 'old', aliases: ['old', 'older'] }]
  const mine = { properties: { 'hyperkit.manifest': owner } }

  test('an absent name deletes its image if this manifest created it and nothing else needs it', () => {
    const observed = read(
      [found(one, { ...mine, aliases: ['old', 'older'] })],
      [alias('old', one), alias('older', one)],
    )
    expect(changes({ absent }, observed)).toEqual([
      {
        action: 'delete-image',
        image: 'old',
        fingerprint: one,
        bytes: 1000,
        aliases: ['old', 'older'],
        owner,
      },
    ])
  })

  test.each<[string, Partial<ObservedImage>]>([
    ['an instance uses the image', { ...mine, aliases: ['old'], inUse: true }],
    ['it is unknown whether the image is in use', { ...mine, aliases: ['old'], inUse: undefined }],
    ['another alias points at the image', { ...mine, aliases: ['old', 'stays'] }],
    ['this manifest did not create the image', { aliases: ['old'] }],
  ])('an absent name removes only the alias if %s', (_, image) => {
    const planned = changes({ absent }, read([found(one, image)], [alias('old', one)]))
    expect(planned.map(({ action }) => action)).toEqual(['remove-alias'])
  })

  test('an absent name never deletes an image that the manifest wants under another name', () => {
    const observed = read(
      [found(one, { ...mine, aliases: ['old', 'noble'] })],
      [alias('old', one), alias('noble', one)],
    )
    const planned = changes({ images: [wanted(one)], absent }, observed)
    expect(planned.map(({ action }) => action)).toEqual(['update-image', 'update-alias', 'remove-alias'])
  })

  test('an absent name deletes an image that another alias leaves in the same plan', () => {
    const observed = read(
      [found(one, { ...mine, aliases: ['old', 'noble'] })],
      [alias('old', one), alias('noble', one)],
    )
    const planned = changes({ images: [wanted(two)], absent }, observed)
    expect(planned.map(({ action }) => action)).toEqual(['upload-image', 'update-alias', 'delete-image'])
    expect(planned[2]).toMatchObject({ aliases: ['old'] })
  })

  test('the guard refuses an absent name of an image that this manifest did not create', () => {
    const desired = desiredOf({ absent })
    const of = (properties: Record<string, string>) =>
      guardPlan(planChanges(desired, [read([found(one, { properties })], [alias('old', one)])]), desired)
    expect(of({})).toEqual([
      {
        server: 'prod',
        message:
          'Cannot remove alias "old" from "prod": its image 111111111111 was not created by a manifest; remove it by hand, or delete its entry from the manifest',
      },
    ])
    expect(of({ 'hyperkit.manifest': 'other' })[0]?.message).toContain('was created by manifest "other"')
    expect(of({ 'hyperkit.manifest': owner })).toEqual([])
  })
})

test('for any manifest and any server, applying the plan leaves no further changes', () => {
  fc.assert(
    fc.property(desiredServers, observedServers, (desired, before) => {
      const state = perform(before, changes(desired, before))
      expect(changes(desired, state)).toEqual([])
      for (const { target } of state.aliases.values()) expect(state.images.has(target)).toBe(true)
      for (const image of desired.images)
        for (const { name } of image.aliases) expect(state.aliases.get(name)?.target).toBe(image.fingerprint)
    }),
  )
})

test('an image with exact properties ends up with these properties, the marks and nothing else', () => {
  fc.assert(
    fc.property(desiredServers, observedServers, (desired, before) => {
      const state = perform(before, changes(desired, before))
      for (const image of desired.images.filter(({ propertiesMode }) => propertiesMode === 'exact')) {
        const after = Object.entries(state.images.get(image.fingerprint)?.properties ?? {})
        const own = after.filter(([key]) => !key.startsWith('hyperkit.'))
        const expected = Object.entries(image.properties).filter(([, value]) => value !== '')
        expect(own.sort()).toEqual(expected.sort())
      }
    }),
  )
})

test('no change of a plan leaves an alias that points at a missing image', () => {
  fc.assert(
    fc.property(desiredServers, observedServers, (desired, before) => {
      let state = before
      for (const change of changes(desired, before)) {
        state = perform(state, [change])
        for (const { target } of state.aliases.values()) expect(state.images.has(target)).toBe(true)
      }
    }),
  )
})

test('an image that this manifest did not create is never deleted', () => {
  fc.assert(
    fc.property(desiredServers, observedServers, (desired, before) => {
      const after = perform(before, changes(desired, before))
      for (const image of before.images.values())
        if (ownerOfImage(image, before) !== owner || image.inUse !== false)
          expect(after.images.has(image.fingerprint)).toBe(true)
    }),
  )
})

const fingerprints = fc.constantFrom(one, two, three)
const markedKeys = fc.constantFrom('os', 'release', 'hyperkit.manifest')
const values = fc.constantFrom('', 'a', 'b')
const dates = fc.constantFrom(new Date('2027-01-01'), new Date('2028-01-01'))

const profiles = fc.subarray(['default', 'web'], { minLength: 0 })

/** Aliases a to f, divided in any way among desired images, an absent name and none of them. */
const desiredServers: fc.Arbitrary<DesiredServer> = fc
  .record({
    images: fc.uniqueArray(
      fc.record({
        fingerprint: fingerprints,
        public: fc.option(fc.boolean(), { nil: undefined }),
        properties: fc.dictionary(fc.constantFrom('os', 'release'), values, { noNullPrototype: true }),
        propertiesMode: fc.constantFrom(undefined, 'merge' as const, 'exact' as const),
        expiresAt: fc.option(fc.oneof(dates, fc.constant(null)), { nil: undefined }),
        autoUpdate: fc.option(fc.boolean(), { nil: undefined }),
        profiles: fc.option(profiles, { nil: undefined }),
        filename: fc.constantFrom(undefined, 'a.tar.gz'),
      }),
      { selector: ({ fingerprint }) => fingerprint },
    ),
    owners: fc.array(fc.nat(4), { minLength: 6, maxLength: 6 }),
    description: fc.option(values, { nil: undefined }),
  })
  .map(({ images, owners, description }) => {
    const namesOf = (index: number): string[] => [...'abcdef'].filter((_, at) => owners[at] === index)
    return {
      name: 'prod',
      images: images.map((image, index) =>
        wanted(image.fingerprint, {
          ...image,
          aliases: namesOf(index).map((name) => ({ name, description })),
        }),
      ),
      absent: [{ name: 'absent', aliases: namesOf(4) }],
    }
  })

const observedServers: fc.Arbitrary<ReadServer> = fc
  .record({
    images: fc.uniqueArray(
      fc.record({
        fingerprint: fingerprints,
        public: fc.boolean(),
        properties: fc.dictionary(markedKeys, fc.constantFrom('a', owner), { noNullPrototype: true }),
        expiresAt: fc.option(dates, { nil: undefined }),
        autoUpdate: fc.boolean(),
        profiles,
        inUse: fc.option(fc.boolean(), { nil: undefined }),
        cached: fc.boolean(),
      }),
      { selector: ({ fingerprint }) => fingerprint },
    ),
    targets: fc.array(fc.nat(3), { minLength: 6, maxLength: 6 }),
    descriptions: fc.array(fc.constantFrom('', 'a', `b [hyperkit: ${owner}]`, '[hyperkit: a]'), {
      minLength: 6,
      maxLength: 6,
    }),
  })
  .map(({ images, targets, descriptions }) => {
    const aliases = [...'abcdef'].flatMap((name, at) => {
      const image = images[targets[at] ?? 3]
      return image === undefined ? [] : [alias(name, image.fingerprint, descriptions[at])]
    })
    return named(
      read(
        images.map((image) => found(image.fingerprint, image)),
        aliases,
      ),
    )
  })

/** The state of a server after the changes; an uploaded image brings properties of its own. */
function perform(server: ReadServer, list: readonly Change[]): ReadServer {
  const images = new Map(server.images)
  const aliases = new Map(server.aliases)
  for (const change of list) {
    const { fingerprint } = change
    if (change.action === 'upload-image' || change.action === 'update-image') {
      const image = images.get(fingerprint) ?? found(fingerprint, { properties: { os: 'its', more: 'its' } })
      const isExact = change.fields.some(({ field }) => field === 'otherProperties')
      const properties: Record<string, string> = isExact ? {} : { ...image.properties }
      const next = { ...image, properties }
      for (const field of change.fields) {
        if (field.field === 'public') next.public = field.after
        else if (field.field === 'autoUpdate') next.autoUpdate = field.after
        else if (field.field === 'profiles') next.profiles = field.after
        else if (field.field !== 'expiresAt' && field.field !== 'property') continue
        else if (field.field === 'expiresAt')
          next.expiresAt = field.after === null ? undefined : new Date(field.after)
        else if (field.after === null) delete properties[field.key]
        else properties[field.key] = field.after
      }
      images.set(fingerprint, next)
    } else if (change.action === 'create-alias' || change.action === 'update-alias')
      aliases.set(change.alias, alias(change.alias, change.after.target, change.after.description))
    else if (change.action === 'remove-alias') aliases.delete(change.alias)
    else {
      images.delete(fingerprint)
      for (const [name, { target }] of aliases) if (target === fingerprint) aliases.delete(name)
    }
  }
  return named({ ...server, images, aliases })
}

/** Images with the aliases that point at them. */
function named(server: ReadServer): ReadServer {
  const namesOf = (fingerprint: string): string[] =>
    [...server.aliases.values()].filter(({ target }) => target === fingerprint).map(({ name }) => name)
  const images = [...server.images].map(([key, image]) => [key, { ...image, aliases: namesOf(key) }] as const)
  return { ...server, images: new Map(images) }
}
