import { describe, expect, test } from 'vitest'
import { ManifestError } from './manifest-error.ts'
import { parseManifest } from './parse-manifest.ts'

const whole = 'ab'.repeat(32)

/** The problems of `source: { … }`, which begins at column 13 of line 6. */
function problemsOf(source: string): string[] {
  try {
    parseManifest({
      file: 'images.yaml',
      folder: '/here',
      text: `version: 1\nname: base\nservers: { prod: { remote: prod }, edge: { remote: edge } }\nimages:\n  - name: a\n    source: { ${source} }\n`,
    })
    return []
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error
    return error.message.split('\n').map((line) => line.replace('images.yaml:6:', ''))
  }
}

describe('valid sources', () => {
  test.each([
    'remote: images, alias: alpine/edge',
    'remote: "https://10.0.0.1:8443", protocol: incus, alias: a, type: virtual-machine, project: web, serverCertificate: a.crt',
    `remote: "https://10.0.0.1:8443", protocol: lxd, fingerprint: ${whole}, secretFile: a.secret`,
    'remote: images, protocol: simplestreams, alias: alpine/edge',
    'remote: "http://127.0.0.1:8080", protocol: simplestreams, alias: alpine/edge, insecure: true',
    `url: "https://x.example/a.tar.xz", sha256: ${whole}`,
    'url: "http://x.example/a.tar.xz", insecure: true',
    'instance: web1',
    'instance: web1, snapshot: release, server: prod, compression: "xz -9", format: unified',
    'server: prod, alias: base',
    'server: prod, fingerprint: abcdefabcdef',
    `fingerprint: ${whole}`,
  ])('parseManifest accepts the source { %s }', (source) => {
    expect(problemsOf(source)).toEqual([])
  })
})

test('parseManifest refuses an image whose publishing server does not get it', () => {
  const text = `version: 1\nname: base\nservers: { prod: { remote: prod }, edge: { remote: edge } }\nimages:\n  - { name: a, source: { instance: web1, server: prod }, servers: [edge] }\n`
  expect(() => parseManifest({ file: 'images.yaml', folder: '/here', text })).toThrow(
    'images.yaml:5:50: server "prod" publishes the image but is not one of its servers: add it to them',
  )
})

test('the secret of a source is a secret of the manifest, even without an environment variable', () => {
  const text = `version: 1\nname: base\nservers: { prod: { remote: prod } }\nimages:\n  - { name: a, source: { remote: x, fingerprint: ${whole}, secret: abcdef } }\n`
  const { secrets } = parseManifest({ file: 'images.yaml', folder: '/here', text })
  expect(secrets).toEqual([{ name: 'images.a.secret', value: 'abcdef' }])
})

test.each<[string, string[]]>([
  ['properties: { type: oci, purpose: test }', []],
  ['properties: { type: x }', ['7:25: property "type" cannot be "x" for image "a" of a registry']],
  ['properties: { type: "" }', ['7:25: property "type" cannot be "" for image "a" of a registry']],
  [
    'overrides: { prod: { properties: { type: x }, autoUpdate: true } }',
    [
      '7:46: property "type" cannot be "x" for image "a" of a registry',
      '7:63: "autoUpdate" would update nothing: the alias of image "a" ends in a digest',
    ],
  ],
  ['autoUpdate: true', ['7:17: "autoUpdate" would update nothing: the alias of image "a" ends in a digest']],
  ['autoUpdate: false', []],
])('parseManifest checks an image of a registry with { %s }', (keys, expected) => {
  const alias = `app@sha256:${'0'.repeat(64)}`
  const text = `version: 1\nname: base\nservers: { prod: { remote: prod } }\nimages:\n  - name: a\n    source: { remote: "https://x.example", protocol: oci, alias: "${alias}" }\n    ${keys}\n`
  let messages: string[] = []
  try {
    parseManifest({ file: 'images.yaml', folder: '/here', text })
  } catch (error) {
    messages = (error as ManifestError).message.split('\n')
  }
  expect(messages).toEqual(expected.map((each) => expect.stringContaining(`images.yaml:${each}`)))
})

test('what the defaults say of an image of a registry is refused unless the image says something else', () => {
  const source = '{ remote: "https://x.example", protocol: oci, alias: app }'
  const text = (keys: string): string =>
    `version: 1\nname: base\nservers: { prod: { remote: prod } }\ndefaults: { properties: { type: x } }\nimages:\n  - { name: a, source: ${source}${keys} }\n`
  const parse = (keys: string) => parseManifest({ file: 'images.yaml', folder: '/here', text: text(keys) })
  expect(() => parse('')).toThrow('images.yaml:4:33: property "type" cannot be "x" for image "a"')
  expect(parse(', properties: { type: oci }').images).toHaveLength(1)
})

describe('wrong sources', () => {
  test.each<[string, string[]]>([
    [
      'type: container',
      [
        '13: "source" needs one of "file", "metadata" with "rootfs", "remote", "url", "instance", "server" and "fingerprint"',
      ],
    ],
    [
      'file: a.tar.gz, remote: images, alias: a',
      [
        '39: "remote" cannot be combined with "file": a unified image is a single file, which also holds its type',
        '54: "alias" cannot be combined with "file": a unified image is a single file, which also holds its type',
      ],
    ],
    ['remote: images', ['13: "alias" or "fingerprint" is missing: say which image to use']],
    [
      `remote: images, alias: a, fingerprint: ${whole}`,
      ['54: "fingerprint" cannot be combined with "alias": give one of them'],
    ],
    ['remote: images, fingerprint: abc', ['44: "fingerprint" must be a fingerprint: 12 to 64 hex digits']],
    [
      'remote: "https://x.example", alias: a',
      [
        '13: "protocol" is missing: an address needs one of "lxd", "incus", "simplestreams" and "oci"; write "protocol: oci" for a registry, with an "alias" such as "library/alpine:3.20"',
      ],
    ],
    [
      'remote: "http://x.example", protocol: incus, alias: a, insecure: true',
      ['23: "remote" must begin with "https://": incus servers accept nothing else'],
    ],
    [
      'remote: "ftp://x.example", protocol: incus, alias: a',
      ['23: "remote" must be an address such as "https://images.example.org", or the name of a remote'],
    ],
    [
      'remote: images, alias: a, serverCertificate: a.crt',
      [
        '60: "serverCertificate" is allowed only with an address: a remote of your own configuration has its own settings',
      ],
    ],
    [
      'remote: images, fingerprint: abcdefabcdef, secret: abc',
      [
        '66: "secret" needs the full "fingerprint" of 64 hex digits: servers give out a private image under no other name',
      ],
    ],
    [
      'remote: "http://x.example", protocol: simplestreams, alias: a',
      [
        '23: "remote" is plain http, so anybody on the network path can change what is installed: use "https://", or add "insecure: true" to accept that',
      ],
    ],
    [
      `remote: images, protocol: simplestreams, fingerprint: ${whole}, secret: abc`,
      ['143: "secret" has no effect with simplestreams: every image there is public'],
    ],
    [
      'remote: "https://x.example", protocol: oci, fingerprint: abcdefabcdef',
      [
        '72: "fingerprint" cannot be combined with "protocol: oci": a registry knows its images by tags and digests: use "alias", such as "library/alpine:3.20" or "library/alpine@sha256:…"',
      ],
    ],
    [
      'remote: "https://x.example", protocol: oci, alias: a, secretFile: x, project: y',
      [
        '81: "secretFile" cannot be combined with "protocol: oci": a registry has users instead: leave it out, and run "skopeo login" on the machine of the server that downloads',
        '93: "project" cannot be combined with "protocol: oci": a registry has no projects',
      ],
    ],
    [
      'remote: "https://x.example", protocol: oci, alias: a, type: virtual-machine',
      ['75: "type" must be "container": images of registries are of containers only'],
    ],
    [
      'remote: "https://me:pass@x.example", protocol: oci, alias: a',
      [
        '23: "remote" contains credentials, which servers store and show to everybody who sees the image: leave them out, and log in with "docker login", and on the machine of the server with "skopeo login"',
      ],
    ],
    [
      'remote: "https://x.example", protocol: oci, alias: "A:b"',
      [
        '66: "alias": Cannot use "A:b" as the name of an image of a registry: a repository, such as "library/alpine", has lower-case letters, digits, ".", "_", "-" and "/" only',
      ],
    ],
    [
      'url: "http://x.example/a.tar.xz"',
      [
        '20: "url" is plain http, so anybody on the network path can read and change the file: use "https://", or add "insecure: true" to accept that',
      ],
    ],
    [
      'url: "https://me:pass@x.example/a.tar.xz"',
      ['20: "url" must be an address that begins with "https://" (or "http://") and has no user name'],
    ],
    [
      'instance: web1/release',
      ['25: "instance" must be the name of an instance or snapshot, without "/" or spaces'],
    ],
    [
      'instance: web1, alias: a',
      ['38: "alias" cannot be combined with "instance": the image is published from the instance'],
    ],
    ['server: prd, alias: a', ['23: unknown server "prd": did you mean "prod"?']],
    ['server: prod', ['13: "alias" or "fingerprint" is missing: say which image to use']],
    [
      'snapshot: release',
      [
        '13: "source" needs one of "file", "metadata" with "rootfs", "remote", "url", "instance", "server" and "fingerprint"',
      ],
    ],
    [
      'fingerprint: abcdefabcdef',
      ['28: "fingerprint" must have all 64 hex digits: nothing else identifies the image'],
    ],
  ])('parseManifest refuses the source { %s } at its position', (source, expected) => {
    expect(problemsOf(source)).toEqual(expected)
  })
})
