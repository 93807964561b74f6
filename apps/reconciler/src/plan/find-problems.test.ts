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
  ...{ fingerprint: one, size: 1, public: false, properties: { 'hyperkit.manifest': owner } },
  ...{ expiresAt: undefined, autoUpdate: false, profiles: ['default'], aliases: ['noble', 'old'] },
  ...{ etag: 'e', inUse: false },
}
const alias = (name: string) => ({ name, description: '[hyperkit: me]', target: one, etag: 'e' })
const server = (profiles?: string[]): ReadServer => ({
  ...{ status: 'read', name: 'prod', identity: 'prod', dialect: 'lxd', version: '5.0.2' },
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

test('an image with a profile that the server does not have is told, with the nearest that it has', () => {
  const images = [wanted({ names: ['a', 'b'], profiles: ['default', 'wbe'] })]
  const { actions, problems } = plan({ images }, server(['default', 'web']))
  expect(actions).toEqual([])
  expect(problems).toEqual(
    ['a', 'b'].map(
      (name) => `Cannot give "prod" image "${name}": the server has no profile "wbe"; did you mean "web"?`,
    ),
  )
})

test('where nobody knows which profiles there are, the server will say', () => {
  expect(plan({ images: [wanted({ profiles: ['web'] })] }, server())).toMatchObject({
    actions: ['upload-image', 'update-alias'],
    problems: [],
  })
})

test('an alias that was to leave for such an image stays, and so does the image that it names', () => {
  const absent = [{ name: 'old', aliases: ['old'] }]
  const images = [wanted({ profiles: ['web'] })]
  expect(plan({ images, absent }, server(['default'])).actions).toEqual(['remove-alias'])
  expect(plan({ images, absent }, server(['default', 'web'])).actions).toEqual([
    'upload-image',
    'update-alias',
    'delete-image',
  ])
})
