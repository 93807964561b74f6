import * as v from 'valibot'
import { expect, test } from 'vitest'
import { operationSchema, readOperation } from './operation.ts'

const fingerprint = 'ab'.repeat(32)

const resourcesOf = (told: object): Record<string, string[]> =>
  readOperation(v.parse(operationSchema, { id: 'x', status_code: 200, ...told })).resources

test.each([
  [
    'what the server tells stays as it is',
    { images: ['/1.0/images/x?project=p'] },
    {},
    ['/1.0/images/x?project=p'],
  ],
  [
    'an image is named by LXD 6',
    {},
    { entity_url: '/1.0/images/x?project=p', fingerprint },
    ['/1.0/images/x?project=p'],
  ],
  [
    'an image that LXD 6 made is in the project that it names',
    {},
    { entity_url: '/1.0/projects/p', fingerprint },
    [`/1.0/images/${fingerprint}?project=p`],
  ],
  [
    'the default project is not written out',
    {},
    { entity_url: '/1.0/projects/default', fingerprint },
    [`/1.0/images/${fingerprint}`],
  ],
  ['an image is known by its fingerprint alone', null, { fingerprint }, [`/1.0/images/${fingerprint}`]],
  ['a project alone is no image yet', {}, { entity_url: '/1.0/projects/p' }, undefined],
  ['nothing is made of nothing', null, null, undefined],
])('%s', (_, resources, metadata, images) => {
  expect(resourcesOf({ resources, metadata }).images).toEqual(images)
})

test('another kind of thing keeps its kind', () => {
  const metadata = { entity_url: '/1.0/instances/web?project=p' }
  expect(resourcesOf({ resources: {}, metadata })).toEqual({ instances: ['/1.0/instances/web?project=p'] })
})
