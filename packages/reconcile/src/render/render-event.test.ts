import { expect, test } from 'vitest'
import type { Change } from '../documents/plan.ts'
import { renderEvent } from './render-event.ts'

const fingerprint = '1'.repeat(64)
const image = { image: 'web', fingerprint, bytes: 1, fields: [] }
const state = { target: fingerprint, description: '' }

test.each<[Change, string]>([
  [
    { action: 'copy-image', ...image, from: { server: 'edge', alias: 'web' } } as unknown as Change,
    'copied image web',
  ],
  [
    { action: 'create-alias', image: 'web', fingerprint, alias: 'web', after: state } as unknown as Change,
    'created alias web',
  ],
])('a change that was made is described in the past tense', (change, title) => {
  expect(renderEvent({ kind: 'ended', server: 'prod', result: { change, outcome: 'done' } })).toBe(
    `prod: ${title}`,
  )
})
