import { expect, test } from 'vitest'
import type { PresentImage } from '../manifest/manifest.ts'
import { parseManifest } from '../manifest/parse-manifest.ts'
import { desirePromotion } from './desire-promotion.ts'

const [one, two] = ['1', '2'].map((digit) => digit.repeat(64)) as [string, string]

const manifest = parseManifest({
  file: 'images.yaml',
  folder: '/x',
  text: `version: 1
name: me
servers: { staging: { remote: s }, prod: { remote: p }, edge: { remote: e } }
images:
  - name: web
    source: { file: f }
    aliases: [web/b, { name: web/c, description: the third }]
    public: true
    properties: { a: b }
    overrides: { edge: { aliases: [web/edge] } }
  - { name: db, source: { file: g }, servers: [staging, prod] }
`,
})
const images = manifest.images as PresentImage[]
const content = (alias: string, fingerprint: string) => ({ alias, fingerprint, description: '', size: 7 })

test('a target server gets its own aliases, each with the image that it points at on the source server', () => {
  const contents = [
    content('web', one),
    content('web/b', one),
    content('web/c', two),
    content('web/edge', two),
  ]
  const desired = desirePromotion(manifest, { from: 'staging', to: ['prod', 'edge'], images }, contents)
  const shown = desired.servers.map((server) => [
    server.name,
    server.images.map(({ names, fingerprint, aliases }) => [
      names,
      fingerprint,
      aliases.map(({ name }) => name),
    ]),
  ])
  expect(shown).toEqual([
    [
      'prod',
      [
        [['web'], one, ['web', 'web/b']],
        [['web'], two, ['web/c']],
      ],
    ],
    [
      'edge',
      [
        [['web'], one, ['web']],
        [['web'], two, ['web/edge']],
      ],
    ],
  ])
  expect(desired.servers[0]?.images[1]?.aliases[0]?.description).toBe('the third')
})

test('all other attributes of a promoted image come with the copy, not from the manifest', () => {
  const desired = desirePromotion(manifest, { from: 'staging', to: ['prod'], images }, [content('web', one)])
  expect(desired.servers[0]?.images).toEqual([
    {
      names: ['web'],
      fingerprint: one,
      size: 7,
      origin: { kind: 'copy', server: 'staging', depth: 0 },
      aliases: [{ name: 'web', description: undefined }],
      public: undefined,
      properties: {},
      expiresAt: undefined,
    },
  ])
})

test('two images of the manifest with the same content become one image on each target server', () => {
  const desired = desirePromotion(manifest, { from: 'staging', to: ['prod', 'edge'], images }, [
    content('web', one),
    content('db', one),
  ])
  expect(desired.servers.map((server) => server.images.map(({ names }) => names))).toEqual([
    [['web', 'db']],
    [['web']],
  ])
})
