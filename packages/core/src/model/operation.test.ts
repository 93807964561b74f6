import * as v from 'valibot'
import { expect, test } from 'vitest'
import { operationSchema, readOperation } from './operation.ts'

const fingerprint = 'ab'.repeat(32)

const resourcesOf = (told: object): Record<string, string[]> =>
  readOperation(v.parse(operationSchema, { id: 'x', status_code: 200, ...told })).resources

test.each([
  [
    'the resources that the server reports are kept as they are',
    { images: ['/1.0/images/x?project=p'] },
    {},
    ['/1.0/images/x?project=p'],
  ],
  [
    'the image that LXD 6 names in entity_url is a resource',
    {},
    { entity_url: '/1.0/images/x?project=p', fingerprint },
    ['/1.0/images/x?project=p'],
  ],
  [
    'an image that LXD 6 made belongs to the project in entity_url',
    {},
    { entity_url: '/1.0/projects/p', fingerprint },
    [`/1.0/images/${fingerprint}?project=p`],
  ],
  [
    'the URL of an image in the default project has no project',
    {},
    { entity_url: '/1.0/projects/default', fingerprint },
    [`/1.0/images/${fingerprint}`],
  ],
  ['a fingerprint alone is enough to name the image', null, { fingerprint }, [`/1.0/images/${fingerprint}`]],
  ['a project without a fingerprint names no image', {}, { entity_url: '/1.0/projects/p' }, undefined],
  ['an operation without resources and metadata has none', null, null, undefined],
])('%s', (_, resources, metadata, images) => {
  expect(resourcesOf({ resources, metadata }).images).toEqual(images)
})

test('an entity_url of another kind gives a resource of that kind', () => {
  const metadata = { entity_url: '/1.0/instances/web?project=p' }
  expect(resourcesOf({ resources: {}, metadata })).toEqual({ instances: ['/1.0/instances/web?project=p'] })
})
