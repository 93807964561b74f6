import { expect, test } from 'vitest'
import { parseManifest } from '../manifest/parse-manifest.ts'
import { findMaker } from './find-maker.ts'

const manifest = parseManifest({
  file: 'images.yaml',
  folder: '/here',
  text: `version: 1
name: base
servers: { prod: { remote: prod }, edge: { remote: edge } }
images:
  - { name: a, source: { file: a }, servers: [prod], aliases: [also], overrides: { prod: { aliases: [here] } } }
  - { name: b, source: { server: prod, alias: a } }
  - { name: c, state: absent, servers: [edge] }
`,
})

test('findMaker finds the image that an alias belongs to on a server', () => {
  const found = (server: string, alias: string, targets?: string[]): string | undefined =>
    findMaker(manifest, server, alias, targets)?.name
  expect(found('prod', 'a')).toBe('a')
  expect(found('prod', 'here')).toBe('a')
  // The override replaces the aliases on that server.
  expect(found('prod', 'also')).toBeUndefined()
  expect(found('edge', 'a')).toBeUndefined()
  expect(found('edge', 'c')).toBe('c')
  expect(found('prod', 'a', ['b'])).toBeUndefined()
  expect(found('prod', 'a', ['b', 'a'])).toBe('a')
})
