import { describe, expect, test } from 'vitest'
import { imageOn } from '../manifest/image-on.ts'
import type { Manifest, PresentImage } from '../manifest/manifest.ts'
import { parseManifest } from '../manifest/parse-manifest.ts'
import type { InventoryImage, ServerInventory } from '../observed/inventory.ts'
import { type ArrangeExportOptions, arrangeExport } from './arrange-export.ts'
import { writeManifest } from './write-manifest.ts'

const [one, two, three] = ['1', '2', '3'].map((digit) => digit.repeat(64)) as [string, string, string]

function image(fingerprint: string, names: string[], change: Partial<InventoryImage> = {}): InventoryImage {
  return {
    fingerprint,
    size: 1_500_000,
    type: 'container',
    architecture: 'x86_64',
    public: false,
    properties: {},
    expiresAt: undefined,
    autoUpdate: false,
    profiles: ['default'],
    filename: '',
    updateSource: undefined,
    createdAt: undefined,
    aliases: names.map((name) => ({ name, description: '' })),
    unusable: [],
    ...change,
  }
}

function server(name: string, ...images: InventoryImage[]): ServerInventory {
  return { name, dialect: 'incus', version: '6.0.4', images }
}

function options(servers: readonly ServerInventory[], withFiles = false): ArrangeExportOptions {
  const fingerprints = servers.flatMap(({ images }) => images.map(({ fingerprint }) => fingerprint))
  return {
    entries: new Map(servers.map(({ name }) => [name, { remote: name }])),
    files: withFiles
      ? new Map(fingerprints.map((each) => [each, { file: `blobs/${each}.tar.gz` }]))
      : undefined,
  }
}

function write(servers: readonly ServerInventory[], withFiles = false): string {
  return writeManifest(arrangeExport(servers, options(servers, withFiles)))
}

/** What a manifest with files says of the images. */
function reread(servers: readonly ServerInventory[]): Manifest {
  return parseManifest({ file: 'images.yaml', text: write(servers, true), folder: '/x' })
}

function presentOn(manifest: Manifest, name: string): PresentImage[] {
  return manifest.images
    .filter((each): each is PresentImage => each.state === 'present' && each.servers.includes(name))
    .map((each) => imageOn(each, name))
}

const isControlled = (text: string): boolean => text.split('').some((letter) => letter < ' ')

describe('exported manifests', () => {
  test('an export is sorted and commented, and leaves out what every new image has', () => {
    const text = write([
      server(
        'prod',
        image(two, ['ubuntu/noble', 'ubuntu/24.04'], {
          public: true,
          autoUpdate: true,
          properties: { release: 'noble', os: 'ubuntu', 'hyperkit.manifest': 'base', empty: '' },
          expiresAt: new Date('2030-01-01T00:00:00Z'),
          profiles: ['web', 'default'],
          aliases: [
            { name: 'ubuntu/24.04', description: '' },
            { name: 'ubuntu/noble', description: 'The LTS [hyperkit: base]' },
          ],
        }),
        image(one, ['alpine'], {
          updateSource: {
            server: 'https://images.example.org',
            protocol: 'simplestreams',
            alias: 'alpine/edge',
            certificate: '',
            imageType: '',
          },
          properties: { serial: '20260101' },
        }),
        image(three, []),
      ),
    ])
    expect(text).toBe(`# Exported by "hyperkit-reconcile export" from prod (incus 6.0.4).
# Plans of it delete none of these images until "adopt" makes it their owner.

version: 1
name: exported
servers:
  prod: { remote: prod }
images:
  # 1.5 MB, container, x86_64
  # properties come from the source
  - name: alpine
    source: { remote: https://images.example.org, protocol: simplestreams, alias: alpine/edge }

  # 1.5 MB, container, x86_64
  - name: ubuntu/24.04
    source: { fingerprint: "${two}" }
    aliases:
      - { name: ubuntu/noble, description: The LTS }
    public: true
    properties:
      os: ubuntu
      release: noble
    expiresAt: "2030-01-01"
    autoUpdate: true
    profiles: [ default, web ]

# Not in this manifest:
#   prod: image ${three}: it has no alias (1.5 MB, container)
`)
  })

  test('the name of an export owns nothing on the servers, unless a name is given', () => {
    const marked = server('a', image(one, ['x'], { properties: { 'hyperkit.manifest': 'exported' } }))
    expect(write([marked])).toContain('name: exported-2\n')
    const given = arrangeExport([marked], { ...options([marked]), name: 'exported' })
    expect(given.name).toBe('exported')
  })

  test('an image keeps the name that another manifest gave it', () => {
    const images = [image(one, ['a', 'b', 'c'], { properties: { 'hyperkit.image': 'gone\nb' } })]
    expect(reread([server('s', ...images)]).images[0]?.name).toBe('b')
  })

  test.each([
    'yes',
    '~',
    'null',
    '24.04',
    '0x1f',
    '1e3',
    '2020-01-01',
    '',
    ' lead',
    'trail ',
    '#',
    'a: b',
    '- a',
    '"',
    "it's",
    '\\',
    'two\nlines\n',
    'tab\t',
    '<<',
    ...['{HOME}', '{'].flatMap((rest) => [`$${rest}`, `$$${rest}`]),
    '🙂ü',
    '*a',
    '&a',
    '!a',
    '%a',
    '@a',
    '`a',
    '[',
    '{',
    '|',
    '\u001b[31mred',
    '\u009b31m',
    '\u202eabc',
    '\u2028',
    '\ufeff',
    '---',
    'x'.repeat(300),
  ])('an export preserves %j as property, key, description and alias', (text) => {
    const key = `k${text}`
    // Aliases with control characters are refused when the inventory is read.
    const alias = isControlled(text) ? 'plain' : `a${text}`
    const plain = isControlled(text) || text === '' ? 'other' : text
    const images = image(one, [], {
      properties: { [key]: `v${text}`, ...(text === '' ? {} : { [text]: text }) },
      aliases: [
        { name: alias, description: text },
        { name: plain, description: `${text}.` },
      ],
    })
    const manifest = reread([server('it', images)])
    const [found] = presentOn(manifest, 'it')
    expect(found?.properties).toEqual(images.properties)
    const byName = Object.fromEntries(
      (found?.aliases ?? []).map(({ name, description = '' }) => [name, description]),
    )
    expect(byName).toEqual({ [alias]: text, [plain]: `${text}.` })
    expect(write([server('it', images)], true)).not.toMatch(/(?!\n)[\p{Cc}\u2028\u202e]/u)
  })

  test('an image on several servers is one entry, with overrides for the differences', () => {
    const fields = {
      properties: { os: 'x', only: 'here' },
      public: true,
      expiresAt: new Date('2031-05-06T07:08:09.010Z'),
    }
    const servers = [
      server('a', image(one, ['web', 'web/2'], fields)),
      server('b', image(one, ['web'], { properties: { os: 'y' }, profiles: [] })),
      server('c', image(one, ['web', 'web/2'], fields)),
    ]
    const manifest = reread(servers)
    expect(manifest.images).toHaveLength(1)
    expect(presentOn(manifest, 'a')).toMatchObject([
      {
        public: true,
        properties: fields.properties,
        expiresAt: fields.expiresAt,
        aliases: [{ name: 'web' }, { name: 'web/2' }],
      },
    ])
    expect(presentOn(manifest, 'b')).toMatchObject([
      {
        public: false,
        properties: { os: 'y', only: '' },
        expiresAt: null,
        profiles: [],
        aliases: [{ name: 'web' }],
      },
    ])
    expect(presentOn(manifest, 'c')).toEqual(presentOn(manifest, 'a'))
    const text = write(servers)
    expect(text).not.toMatch(/^ {4}servers:/m)
    expect(text).not.toMatch(/^ {6}c:/m)
  })

  test('different images with the same alias on different servers get different names if possible', () => {
    const servers = [
      server('prod', image(one, ['web'])),
      server('staging', image(two, ['web', 'web/next']), image(one, ['web/old'])),
    ]
    const manifest = reread(servers)
    expect(manifest.images.map(({ name, servers }) => [name, servers])).toEqual([
      ['web', ['prod']],
      ['web/next', ['staging']],
      ['web/old', ['staging']],
    ])
    expect(presentOn(manifest, 'staging')[0]?.aliases.map(({ name }) => name)).toEqual(['web/next', 'web'])
  })

  test('different images share a name, each for its own servers, if they have no other alias', () => {
    const servers = [
      server('prod', image(one, ['web'])),
      server('staging', image(two, ['web'])),
      server('lab', image(two, ['web'])),
    ]
    expect(reread(servers).images).toMatchObject([
      { name: 'web', source: { sha256: one }, servers: ['prod'] },
      { name: 'web', source: { sha256: two }, servers: ['staging', 'lab'] },
    ])
    expect(write(servers).match(/# another image on .*/g)).toEqual([
      '# another image on staging, lab',
      '# another image on prod',
    ])
  })

  test('images with one source are one entry, and older versions are identified by their fingerprints', () => {
    const updateSource = {
      server: 'https://images.example.org',
      protocol: 'simplestreams',
      alias: 'alpine/edge',
      certificate: '',
      imageType: '',
    }
    const [before, now] = ['2026-01-01', '2026-02-01'].map((day) => ({
      updateSource,
      createdAt: new Date(day),
    }))
    const text = write([
      server('prod', image(one, ['alpine'], now), image(three, ['alpine/old'], before)),
      server('edge', image(two, ['alpine'], now)),
    ])
    expect(text.match(/- name: .*|source: .*|servers: .*/g)).toEqual(
      [
        'servers: ',
        '- name: alpine',
        'source: { remote: https://images.example.org, protocol: simplestreams, alias: alpine/edge }',
        '- name: alpine/old',
        `source: { fingerprint: "${three}" }`,
        'servers: [ prod ]',
      ].filter((line) => line !== 'servers: '),
    )
    expect(text).toContain('# an older version than its source has')
    const { images } = arrangeExport(
      [server('prod', image(one, ['alpine'], now)), server('edge', image(two, ['alpine'], now))],
      { entries: new Map(), files: new Map([one, two].map((each) => [each, { file: each }])) },
    )
    expect(images.map(({ name, fingerprint }) => [name, fingerprint])).toEqual([
      ['alpine', two],
      ['alpine', one],
    ])
  })

  test('what a manifest cannot express is listed, and the manifest does not remove it', () => {
    const odd = image(one, ['a'], {
      properties: { constructor: 'x', os: 'y' },
      unusable: [{ name: '..', why: 'Cannot use ".." as an alias' }],
    })
    const text = write([server('it', odd)], true)
    expect(text).toContain('propertiesMode: merge')
    expect(text).toContain(`#   it: property "constructor" of image ${one}: a manifest cannot express it`)
    expect(text).toContain('#   it: alias ".." of image')
  })

  test('an image whose source needs a certificate file is identified by its fingerprint', () => {
    const updateSource = {
      server: 'https://lxd:8443',
      protocol: 'lxd',
      alias: 'x',
      certificate: 'PEM',
      imageType: '',
    }
    const text = write([server('it', image(one, ['a'], { updateSource, properties: { os: 'linux' } }))])
    expect(text).toContain(
      '# updated from "lxd https://lxd:8443 x", whose certificate needs a file next to the manifest: use --out',
    )
    expect(text).toContain(`source: { fingerprint: "${one}" }`)
    expect(text).toContain('os: linux')
  })

  test('an image of a registry that a digest names is exported without updates, so that the manifest is valid', () => {
    const alias = `team/app@sha256:${one}`
    const updateSource = {
      server: 'https://registry.example.org',
      protocol: 'oci',
      alias,
      certificate: '',
      imageType: '',
    }
    const servers = [
      server('it', image(one, ['a'], { updateSource, autoUpdate: true, properties: { type: 'oci' } })),
    ]
    const text = write(servers)
    expect(text).toContain('# autoUpdate is on, but a digest always names the same image')
    expect(text).not.toContain('autoUpdate: true')
    const { images } = parseManifest({ file: 'images.yaml', folder: '/x', text })
    expect(images).toMatchObject([{ source: { protocol: 'oci', alias } }])
  })

  test('an export without images is a valid manifest', () => {
    expect(reread([server('it')]).images).toEqual([])
  })
})
