import { expect, test } from 'vitest'
import { parseManifest } from '../manifest/parse-manifest.ts'
import { resolveDesired } from './resolve-desired.ts'

test('retention rules and attributes of an image may differ between servers', async () => {
  const text =
    'version: 1\nname: n\nservers: { a: { remote: a }, b: { remote: b } }\nprune: {}\ndefaults: { keep: 2 }\n' +
    'images: [{ name: x, source: { file: x }, profiles: [p], overrides: { b: { keep: 7, keepDays: 3, profiles: [] } } }]\n'
  const { servers } = await resolveDesired(parseManifest({ file: 'm.yaml', text, folder: '/' }), {
    fingerprint: async () => ({ fingerprint: '1'.repeat(64), size: 1 }),
  })
  expect(servers.map(({ retention }) => retention)).toMatchObject([
    [{ name: 'x', keep: 2, keepDays: undefined }],
    [{ name: 'x', keep: 7, keepDays: 3 }],
  ])
  expect(servers.map(({ images }) => images[0]?.profiles)).toEqual([['p'], []])
})
