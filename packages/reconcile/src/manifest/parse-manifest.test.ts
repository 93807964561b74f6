import { describe, expect, test } from 'vitest'
import { ManifestError } from './manifest-error.ts'
import { parseManifest } from './parse-manifest.ts'

const parse = (text: string) => parseManifest({ file: 'images.yaml', text, folder: '/fleet' })

function problemsOf(text: string): string[] {
  try {
    parse(text)
  } catch (error) {
    if (error instanceof ManifestError) return error.message.split('\n')
    throw error
  }
  return []
}

const head = `version: 1
name: base-images
servers:
  prod: { remote: prod }
  edge1: { url: "https://10.1.0.7:8443", project: web, serverCertificate: ./edge1.crt }
  local: { socket: /var/lib/incus/unix.socket }
`

const whole = `# yaml-language-server: $schema=./manifest.schema.json
x-shared: &shared { os: ubuntu }
${head}defaults: { public: false, properties: { team: images } }
images:
  - name: ubuntu/noble
    source: { file: ./build/noble.tar.xz, sha256: ${'AB'.repeat(32)} }
    aliases:
      - ubuntu/24.04
      - { name: ubuntu/lts, description: The current LTS }
      - { name: ubuntu/noble, description: Ubuntu 24.04 }
    properties: { <<: *shared, release: noble }
    expiresAt: 2027-03-31
    servers: [prod, edge1]
  - name: alpine
    source: { metadata: /srv/alpine.meta.tar.xz, rootfs: alpine.squashfs, type: virtual-machine }
    public: true
    expiresAt: never
  - { name: old/thing, state: absent, aliases: [older/thing] }
`

describe('parseManifest reads a valid manifest', () => {
  const manifest = parse(whole)

  test('servers have the way they are reached, with absolute paths', () => {
    expect(manifest.name).toBe('base-images')
    expect(manifest.servers.map(({ name, project, reach }) => ({ name, project, reach }))).toEqual([
      { name: 'prod', project: undefined, reach: { kind: 'remote', remote: 'prod' } },
      {
        name: 'edge1',
        project: 'web',
        reach: {
          kind: 'url',
          url: 'https://10.1.0.7:8443',
          serverCertificate: '/fleet/edge1.crt',
          clientCertificate: undefined,
          clientKey: undefined,
        },
      },
      { name: 'local', project: undefined, reach: { kind: 'socket', socket: '/var/lib/incus/unix.socket' } },
    ])
  })

  test('images have their defaults filled in and their name as the first alias', () => {
    expect(manifest.images).toEqual([
      {
        state: 'present',
        name: 'ubuntu/noble',
        source: {
          kind: 'file',
          file: '/fleet/build/noble.tar.xz',
          sha256: 'ab'.repeat(32),
          at: { line: 12, column: 13 },
        },
        aliases: [
          { name: 'ubuntu/noble', description: 'Ubuntu 24.04' },
          { name: 'ubuntu/24.04', description: undefined },
          { name: 'ubuntu/lts', description: 'The current LTS' },
        ],
        public: false,
        properties: { team: 'images', os: 'ubuntu', release: 'noble' },
        expiresAt: new Date('2027-03-31T00:00:00Z'),
        servers: ['prod', 'edge1'],
        at: { line: 11, column: 5 },
      },
      {
        state: 'present',
        name: 'alpine',
        source: {
          kind: 'split',
          metadata: '/srv/alpine.meta.tar.xz',
          rootfs: '/fleet/alpine.squashfs',
          type: 'virtual-machine',
          sha256: undefined,
          at: { line: 21, column: 13 },
        },
        aliases: [{ name: 'alpine', description: undefined }],
        public: true,
        properties: { team: 'images' },
        expiresAt: null,
        servers: ['prod', 'edge1', 'local'],
        at: { line: 20, column: 5 },
      },
      {
        state: 'absent',
        name: 'old/thing',
        aliases: [
          { name: 'old/thing', description: undefined },
          { name: 'older/thing', description: undefined },
        ],
        servers: ['prod', 'edge1', 'local'],
        at: { line: 24, column: 5 },
      },
    ])
  })

  test('the client key defaults to the file next to the certificate', () => {
    const { servers } = parse(
      'version: 1\nname: a\nservers: { s: { url: "https://h:1", clientCertificate: certs/me.crt } }\nimages: []\n',
    )
    expect(servers[0]?.reach).toMatchObject({
      clientCertificate: '/fleet/certs/me.crt',
      clientKey: '/fleet/certs/me.key',
    })
  })
})

const image = (lines: string) => `${head}images:\n  - name: a\n    source: { file: a.tar.gz }\n${lines}`

const imageKeys =
  'name, source, aliases, public, properties, propertiesMode, autoUpdate, profiles, expiresAt, keep, keepDays, filename, servers, serverLabels, allowNoServers, overrides, state'

const wrong: [string, string, string[]][] = [
  ['an empty file', '', ['1:1: the manifest is empty: it needs version, name, servers and images']],
  [
    'comments only',
    '# nothing\n',
    ['1:1: the manifest is empty: it needs version, name, servers and images'],
  ],
  ['a list', '- a\n', ['1:1: the manifest must be a map, not a list']],
  [
    'an empty map',
    '{}',
    [
      '1:1: "version" is missing: write "version: 1"',
      '1:1: "name" is missing: it marks what this manifest creates, such as "name: base-images"',
      '1:1: "servers" is missing',
      '1:1: "images" is missing',
    ],
  ],
  ['an unknown version', `${head.replace('1', '2')}images: []\n`, ['1:10: "version" must be 1, not 2']],
  ['a version in quotes', `${head.replace('1', '"1"')}images: []\n`, ['1:10: "version" must be 1, not "1"']],
  [
    'several unknown keys',
    `${head}imagse: []\nimages:\n  - name: a\n    alias: [b]\n    sorce: { file: b }\n    source: { file: a, sha: 1 }\n`,
    [
      '7:1: unknown key "imagse": did you mean "images"?',
      '10:5: unknown key "alias": did you mean "aliases"?',
      '11:5: unknown key "sorce": did you mean "source"?',
      '12:24: unknown key "sha": known keys: file, metadata, rootfs, type, sha256, remote, protocol, alias, fingerprint, secret, secretFile, project, serverCertificate, url, insecure, instance, snapshot, compression, format, server',
    ],
  ],
  [
    'an alias within its own anchor',
    image('    properties: &p { a: *p }\n'),
    ['10:25: "*p" is inside the value that it stands for'],
  ],
  [
    'an alias deep within its own anchor, after others',
    `x-a: &a { b: 1 }\nx-b: &b { c: [*a, { d: *b }] }\n${head}images: []\n`,
    ['2:24: "*b" is inside the value that it stands for'],
  ],
  [
    'another spelling of a key',
    image('    expires_at: never\n'),
    ['10:5: unknown key "expires_at": did you mean "expiresAt"?'],
  ],
  [
    'a duplicate key',
    image('    public: true\n    public: false\n'),
    ['11:5: duplicate key "public": this map already has it'],
  ],
  [
    'tabs as indentation',
    image('\tpublic: true\n'),
    ['10:1: YAML does not allow tabs as indentation: use spaces'],
  ],
  [
    'two documents',
    `${head}images: []\n---\na: 1\n`,
    ['8:1: a manifest is one YAML document, but a second one begins here'],
  ],
  [
    'numbers and booleans in place of strings, quoted as they were written',
    image('    aliases: [24.04, 20.10]\n    properties: { release: 24.10, build: 007, lts: true, none: }\n'),
    [
      '10:15: entry 1 of "aliases" must be a string, but 24.04 is a number in YAML: quote it, "24.04"',
      '10:22: entry 2 of "aliases" must be a string, but 20.10 is a number in YAML: quote it, "20.10"',
      '11:28: "release" must be a string, but 24.10 is a number in YAML: quote it, "24.10"',
      '11:42: "build" must be a string, but 007 is a number in YAML: quote it, "007"',
      '11:52: "lts" must be a string, but true is a boolean in YAML: quote it, "true"',
      '11:64: "none" must be a string, but is empty',
    ],
  ],
  [
    'wrong types',
    image('    public: yes\n    aliases: b\n    properties: [c]\n'),
    [
      '10:13: "public" must be true or false, not "yes"',
      '11:14: "aliases" must be a list, not "b"',
      '12:17: "properties" must be a map, not a list',
    ],
  ],
  [
    'duplicate names, even next to a wrong type',
    `${head}images:\n  - { name: a, source: { file: a } }\n  - { name: a, source: { file: b } }\n  - { name: c, source: { file: c }, aliases: [d, d, a], public: 1 }\n  - { name: e, source: { file: c }, aliases: [d, a] }\n  - { name: d, source: { file: c } }\n`,
    [
      '9:13: duplicate image "a": entry 1 has the same name on server "prod"',
      '10:65: "public" must be true or false, not 1',
      '11:50: alias "a" already belongs to image "a" on server "prod"',
      '12:13: alias "d" already belongs to image "e" on server "prod"',
    ],
  ],
  [
    'an unknown server',
    image('    servers: [prdo, staging, prod, prod]\n'),
    [
      '10:15: unknown server "prdo": did you mean "prod"?',
      '10:21: unknown server "staging": known servers: prod, edge1, local',
      '10:36: server "prod" is listed twice',
    ],
  ],
  [
    'servers that are reached in no way or in two, or have keys of another way',
    'version: 1\nname: n\nservers:\n  a: {}\n  b: { remote: r, socket: s }\n  c: { remote: r, serverCertificate: x }\n  d: { url: "ftp://h" }\n  e: { url: "http://10.0.0.1" }\nimages: []\n',
    [
      '4:6: server "a" needs one of "remote", "url" and "socket"',
      '5:27: "socket" cannot be combined with "remote": a server is reached in one way',
      '6:38: "serverCertificate" is allowed only with "url": a remote has its own settings',
      '7:13: "url" must be an address such as "https://10.1.0.7:8443" (http for loopback only)',
      '8:13: "url" must be an address such as "https://10.1.0.7:8443" (http for loopback only)',
    ],
  ],
  [
    'no servers',
    'version: 1\nname: n\nservers: {}\nimages: []\n',
    ['3:10: "servers" is empty: name at least one server'],
  ],
  [
    'alias names that no server accepts',
    image('    aliases: ["", "..", "a\\nb", { name: ".", description: d }]\n'),
    [
      '10:15: entry 1 of "aliases" cannot be an alias: the name is empty',
      '10:19: entry 2 of "aliases" cannot be an alias: URLs give "." and ".." another meaning, so the server would never see the name',
      '10:25: entry 3 of "aliases" cannot be an alias: it contains a control character',
      '10:41: "name" cannot be an alias: URLs give "." and ".." another meaning, so the server would never see the name',
    ],
  ],
  [
    'a date that does not exist',
    image('    expiresAt: 2027-02-30\n'),
    [
      '10:16: "expiresAt" must be "never", a date after 1970 such as 2027-03-31 (UTC), or a time with a zone such as 2027-03-31T12:00:00Z',
    ],
  ],
  [
    'half a split image, and a mixed one',
    `${head}images:\n  - { name: a, source: { metadata: m } }\n  - { name: b, source: { file: f, rootfs: r } }\n  - { name: c }\n`,
    [
      '8:24: "rootfs" is missing: a split image consists of "metadata" and "rootfs"',
      '9:43: "rootfs" cannot be combined with "file": a unified image is a single file, which also holds its type',
      '10:5: image "c" needs "source", or "state: absent"',
    ],
  ],
  [
    'a property with the name of the ownership mark',
    image('    properties: { hyperkit.manifest: me }\n'),
    ['10:19: "hyperkit.manifest" is reserved: properties that begin with "hyperkit." mark who owns an image'],
  ],
  [
    'an invalid sha256',
    image('').replace('a.tar.gz', 'a, sha256: abc'),
    ['9:32: "sha256" must be a SHA-256 of 64 hex digits'],
  ],
  [
    'an absent image with a source',
    image('    state: absent\n'),
    ['9:13: "source" is not allowed in an image with "state: absent"'],
  ],
  [
    'a YAML alias without an anchor',
    `${head}images: *nope\n`,
    [
      '7:9: cannot resolve the aliases of this file: Unresolved alias (the anchor must be set before the alias): nope',
    ],
  ],
  [
    'a key that every JavaScript object has',
    image('    __proto__: { public: true }\n    constructor: 1\n'),
    [
      `10:5: unknown key "__proto__": known keys: ${imageKeys}`,
      `11:5: unknown key "constructor": known keys: ${imageKeys}`,
    ],
  ],
]

test.each(wrong)('parseManifest refuses a manifest with %s at its position', (_, text, expected) => {
  expect(problemsOf(text)).toEqual(expected.map((problem) => `images.yaml:${problem}`))
})

test('parseManifest refuses deep nesting and circular YAML aliases with one readable message', () => {
  const [deep, ...more] = problemsOf(`version: 1\nname: ${'['.repeat(20_000)}`)
  expect(deep).toMatch(/^images\.yaml:2:\d+: the nesting is too deep to read$/)
  expect(more).toEqual([])
  expect(problemsOf(`${head}images: &all\n  - *all\n`)).toEqual([
    'images.yaml:8:5: "*all" is inside the value that it stands for',
  ])
})

test('parseManifest refuses YAML aliases that expand without limit', () => {
  const levels = 'bcdefghi'.split('').map((name, index) => {
    const below = 'abcdefgh'[index]
    return `x-${name}: &${name} [${Array(10).fill(`*${below}`).join(', ')}]`
  })
  const [problem, ...rest] = problemsOf(`x-a: &a [1, 1]\n${levels.join('\n')}\n${head}images: []\n`)
  expect(problem).toBe(
    'images.yaml:2:10: cannot resolve the aliases of this file: Excessive alias count indicates a resource exhaustion attack',
  )
  expect(rest).toEqual([])
})

describe('answerTimeout of a server', () => {
  const written = (value: string) =>
    `${head}  slow: { url: "https://10.1.0.8:8443", answerTimeout: ${value} }\nimages: []\n`

  test.each([
    ['90', 90_000],
    ['5m', 300_000],
    ['500ms', 500],
  ])('%s is a duration', (value, milliseconds) => {
    expect(parse(written(value)).servers.at(-1)?.answerTimeout).toBe(milliseconds)
  })

  test.each(['0', 'soon', '-1'])('%s is refused', (value) => {
    expect(problemsOf(written(value))).toEqual([
      expect.stringContaining('must be a duration of more than 0, such as 90, 30s or 5m'),
    ])
  })
})

describe('a server with several addresses', () => {
  const withUrl = (url: string) =>
    `version: 1\nname: it\nservers:\n  a: { url: ${url} }\nimages:\n  - { name: x, source: { file: x.tar } }\n`

  test('keeps them in their order', () => {
    const urls = ['https://10.1.0.7:8443', 'https://10.1.0.8:8443']
    expect(parse(withUrl(JSON.stringify(urls))).servers[0]?.reach).toMatchObject({ kind: 'url', url: urls })
  })

  test.for([
    ['[]', 'list of different https addresses'],
    ['["https://a:8443", "http://localhost:8080"]', 'list of different https addresses'],
    ['["https://a:8443", "https://a:8443"]', 'list of different https addresses'],
    ['["https://a:8443", 7]', '"url" must be an address, or a list of addresses'],
    ['"ftp://a"', 'must be an address such as'],
    ['7', '"url" must be an address, or a list of addresses, not 7'],
  ])('is refused as %s', ([url = '', words]) => {
    expect(problemsOf(withUrl(url))).toEqual([expect.stringContaining(`${words}`)])
  })
})
