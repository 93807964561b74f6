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

describe('an export', () => {
  test('is sorted, commented, and says only what is not so anyway', () => {
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
# Until "adopt" makes it this manifest's own, it removes none of this.

version: 1
name: exported
servers:
  prod: { remote: prod }
images:
  # 1.5 MB, container, x86_64
  # its properties come with the source
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

  test('has a name that owns nothing yet, unless it is given one', () => {
    const marked = server('a', image(one, ['x'], { properties: { 'hyperkit.manifest': 'exported' } }))
    expect(write([marked])).toContain('name: exported-2\n')
    const given = arrangeExport([marked], { ...options([marked]), name: 'exported' })
    expect(given.name).toBe('exported')
  })

  test('takes the name that a manifest gave an image before', () => {
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
  ])('keeps %j as property, key, description and alias', (text) => {
    const key = `k${text}`
    // Alias names with control characters are refused where they are read.
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

  test('puts one content of several servers in one entry, with what differs there', () => {
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

  test('gives contents other names where servers call different contents the same', () => {
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

  test('gives several contents one name, each for its servers, where there is no other', () => {
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

  test('of one source is one entry, though servers of each kind have other files of it; older versions are what they are', () => {
    const updateSource = {
      ...{ server: 'https://images.example.org', protocol: 'simplestreams', alias: 'alpine/edge' },
      ...{ certificate: '', imageType: '' },
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
    expect(text).toContain('# is an older version of what its source holds')
    const { images } = arrangeExport(
      [server('prod', image(one, ['alpine'], now)), server('edge', image(two, ['alpine'], now))],
      { entries: new Map(), files: new Map([one, two].map((each) => [each, { file: each }])) },
    )
    expect(images.map(({ name, fingerprint }) => [name, fingerprint])).toEqual([
      ['alpine', two],
      ['alpine', one],
    ])
  })

  test('says what it cannot say, and takes nothing of that away', () => {
    const odd = image(one, ['a'], {
      properties: { constructor: 'x', os: 'y' },
      unusable: [{ name: '..', why: 'Cannot use ".." as an alias' }],
    })
    const text = write([server('it', odd)], true)
    expect(text).toContain('propertiesMode: merge')
    expect(text).toContain(`#   it: property "constructor" of image ${one}: no manifest can say it`)
    expect(text).toContain('#   it: alias ".." of image')
  })

  test('keeps an image with a source that only a certificate vouches for by its fingerprint', () => {
    const updateSource = {
      server: 'https://lxd:8443',
      protocol: 'lxd',
      alias: 'x',
      certificate: 'PEM',
      imageType: '',
    }
    const text = write([server('it', image(one, ['a'], { updateSource, properties: { os: 'linux' } }))])
    expect(text).toContain(
      '# is updated from "lxd https://lxd:8443 x", whose certificate would be a file beside the manifest: give --out',
    )
    expect(text).toContain(`source: { fingerprint: "${one}" }`)
    expect(text).toContain('os: linux')
  })

  test('of nothing is a manifest without images', () => {
    expect(reread([server('it')]).images).toEqual([])
  })
})
