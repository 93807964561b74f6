import { expect, test } from 'vitest'
import { imagesOfOperation } from './images-of-operation.ts'

const url = `/1.0/images/${'a'.repeat(64)}`
const ended = { class: 'task', status_code: 200, resources: {}, metadata: {} }

test.each([
  ['in its resources', { ...ended, resources: { images: [url] } }],
  ['as its entity', { ...ended, metadata: { entity_url: url } }],
])('the image of an operation is found %s', (_, operation) => {
  expect(imagesOfOperation(operation)).toEqual([url])
})

test.each([
  ['still runs', { ...ended, status_code: 103, resources: { images: [url] } }],
  ['has failed', { ...ended, status_code: 400, metadata: { entity_url: url } }],
  ['is a secret', { ...ended, class: 'token', resources: { images: [url] } }],
  ['is of a project', { ...ended, metadata: { entity_url: '/1.0/projects/default' } }],
  ['names no image', { class: 'task', status_code: 200, resources: null, metadata: null }],
  ['has no fields', {}],
])('an operation that %s changes no image', (_, operation) => {
  expect(imagesOfOperation(operation)).toEqual([])
})
