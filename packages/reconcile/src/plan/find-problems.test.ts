import { expect, test } from 'vitest'
import type { DesiredImage, DesiredServer } from '../desired/desired.ts'
import type { ObservedImage, ReadServer } from '../observed/observed.ts'
import { planChanges } from './plan-changes.ts'

const [one, two] = ['1', '2'].map((digit) => digit.repeat(64)) as [string, string]
const owner = 'me'

const wanted = (more: Partial<DesiredImage>): DesiredImage => ({
  names: ['noble'],
  fingerprint: two,
  origin: { kind: 'files', files: { kind: 'unified', file: '/noble.tar.gz' } },
  size: 1,
  aliases: [{ name: 'noble', description: undefined }],
  public: undefined,
  properties: {},
  expiresAt: undefined,
  ...more,
})

/** The old version, under both names. */
const image: ObservedImage = {
  fingerprint: one,
  size: 1,
  public: false,
  properties: { 'hyperkit.manifest': owner },
  expiresAt: undefined,
  autoUpdate: false,
  profiles: ['default'],
  aliases: ['noble', 'old'],
  etag: 'e',
  inUse: false,
}
const alias = (name: string) => ({ name, description: '[hyperkit: me]', target: one, etag: 'e' })
const server = (profiles?: string[]): ReadServer => ({
  status: 'read',
  name: 'prod',
  identity: 'prod',
  dialect: 'lxd',
  version: '5.0.2',
  images: new Map([[one, image]]),
  aliases: new Map(['noble', 'old'].map((name) => [name, alias(name)])),
  ...(profiles === undefined ? {} : { profiles }),
})

function plan(desired: Partial<DesiredServer>, observed: ReadServer) {
  const servers = [{ name: 'prod', images: [], absent: [], ...desired }]
  const [planned] = planChanges({ manifest: { file: 'm', name: owner }, servers }, [observed]).servers
  if (planned?.status !== 'planned') throw new Error('not planned')
  return {
    actions: planned.changes.map(({ action }) => action),
    problems: (planned.problems ?? []).map(({ error }) => error.message),
  }
}

test('updates are refused for an image that the server has from a registry by its digest', () => {
  const name = `team/app@sha256:${one}`
  const found: ObservedImage = {
    ...image,
    properties: { ...image.properties, type: 'oci' },
    registryName: name,
  }
  const observed = (more: Partial<ObservedImage>): ReadServer => ({
    ...server(),
    dialect: 'incus',
    images: new Map([[one, { ...found, ...more }]]),
  })
  const images = [wanted({ fingerprint: one, aliases: [], autoUpdate: true, ofRegistry: true })]
  expect(plan({ images }, observed({}))).toEqual({
    actions: [],
    problems: [
      `Cannot plan image "noble" for "prod": the server downloaded it as "${name}", which always names the same image, so "autoUpdate" would update nothing; delete it there, so that it is downloaded by its tag, or set "autoUpdate: false"`,
    ],
  })
  expect(plan({ images }, observed({ registryName: 'team/app:1' }))).toEqual({
    actions: ['update-image'],
    problems: [],
  })
})

test('an image with a profile that the server lacks is a problem, reported with the nearest profile name', () => {
  const images = [wanted({ names: ['a', 'b'], profiles: ['default', 'wbe'] })]
  const { actions, problems } = plan({ images }, server(['default', 'web']))
  expect(actions).toEqual([])
  expect(problems).toEqual(
    ['a', 'b'].map(
      (name) =>
        `Cannot plan image "${name}" for "prod": the server has no profile "wbe"; did you mean "web"?`,
    ),
  )
})

test('an image with profiles is planned if the profiles of the server are unknown', () => {
  expect(plan({ images: [wanted({ profiles: ['web'] })] }, server())).toMatchObject({
    actions: ['upload-image', 'update-alias'],
    problems: [],
  })
})

test('an image that cannot be planned takes no alias, so the image that the alias points at stays', () => {
  const absent = [{ name: 'old', aliases: ['old'] }]
  const images = [wanted({ profiles: ['web'] })]
  expect(plan({ images, absent }, server(['default'])).actions).toEqual(['remove-alias'])
  expect(plan({ images, absent }, server(['default', 'web'])).actions).toEqual([
    'upload-image',
    'update-alias',
    'delete-image',
  ])
})

test('an image is a problem if the server allows none of its aliases, and its old versions stay', () => {
  const why = 'the name has white space, which Incus 7.0.2 refuses'
  const observed = { ...server(), refusedNames: new Map([['a b', why]]) }
  const aliases = [{ name: 'a b', description: undefined }]
  expect(plan({ images: [wanted({ names: ['a b'], aliases })] }, observed)).toEqual({
    actions: [],
    problems: [`Cannot plan image "a b" for "prod": the server allows none of its aliases: ${why}`],
  })
})

test('an alias that the server would refuse is left out and reported', () => {
  const why = 'the name has white space, which Incus 7.0.2 refuses'
  const observed = { ...server(), refusedNames: new Map([['a b', why]]) }
  const aliases = ['noble', 'a b'].map((name) => ({ name, description: undefined }))
  expect(plan({ images: [wanted({ aliases })] }, observed)).toEqual({
    actions: ['upload-image', 'update-alias'],
    problems: [`Cannot create alias "a b" on "prod": ${why}; everything else is done without it`],
  })
})

test('a public image that the server would refuse is a problem if it is new or must change, and not if it stays as it is', () => {
  const observed = { ...server(), refusesPublic: true }
  const isProblem = (more: Partial<DesiredImage>, images = observed.images) =>
    plan({ images: [wanted(more)] }, { ...observed, images }).problems.length > 0
  expect(isProblem({ public: true })).toBe(true)
  expect([isProblem({}), isProblem({ public: false })]).toEqual([false, false])
  const before = new Map([[one, { ...image, public: true }]])
  expect(isProblem({ fingerprint: one, public: true }, before)).toBe(false)
  expect(isProblem({ fingerprint: one, properties: { a: 'b' } }, before)).toBe(true)
  expect(isProblem({ fingerprint: one, properties: { a: 'b' }, public: false }, before)).toBe(false)
})
