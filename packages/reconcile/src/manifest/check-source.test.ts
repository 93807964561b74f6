import { describe, expect, test } from 'vitest'
import { ManifestError } from './manifest-error.ts'
import { parseManifest } from './parse-manifest.ts'

const whole = 'ab'.repeat(32)

/** What is wrong with `source: { … }`, which begins at column 13 of line 6. */
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

describe('a source of one kind is taken', () => {
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
  ])('%s', (source) => {
    expect(problemsOf(source)).toEqual([])
  })
})

test('a server that publishes an image for others gets it, too', () => {
  const text = `version: 1\nname: base\nservers: { prod: { remote: prod }, edge: { remote: edge } }\nimages:\n  - { name: a, source: { instance: web1, server: prod }, servers: [edge] }\n`
  expect(() => parseManifest({ file: 'images.yaml', folder: '/here', text })).toThrow(
    'images.yaml:5:50: server "prod" publishes the image and does not get it: add it to the image\'s servers',
  )
})

test('the secret of a source is a secret however it is written', () => {
  const text = `version: 1\nname: base\nservers: { prod: { remote: prod } }\nimages:\n  - { name: a, source: { remote: x, fingerprint: ${whole}, secret: abcdef } }\n`
  const { secrets } = parseManifest({ file: 'images.yaml', folder: '/here', text })
  expect(secrets).toEqual([{ name: 'images.a.secret', value: 'abcdef' }])
})

describe('a source is refused at the place', () => {
  test.each<[string, string[]]>([
    [
      'type: container',
      [
        '13: "source" needs one of "file", "metadata" and "rootfs", "remote", "url", "instance", "server" and "fingerprint"',
      ],
    ],
    [
      'file: a.tar.gz, remote: images, alias: a',
      [
        '39: "remote" excludes "file": a unified image is one file, and says itself what it is',
        '54: "alias" excludes "file": a unified image is one file, and says itself what it is',
      ],
    ],
    ['remote: images', ['13: "alias" or "fingerprint" is missing: which of its images is meant?']],
    [
      `remote: images, alias: a, fingerprint: ${whole}`,
      ['54: "fingerprint" excludes "alias": name the image one way'],
    ],
    ['remote: images, fingerprint: abc', ['44: "fingerprint" must be a fingerprint: 12 to 64 hex digits']],
    [
      'remote: "https://x.example", alias: a',
      [
        '13: "protocol" is missing: an address says not whether "lxd", "incus" or "simplestreams" is spoken there',
      ],
    ],
    [
      'remote: "http://x.example", protocol: incus, alias: a, insecure: true',
      ['23: "remote" must begin with "https://": incus servers speak nothing else'],
    ],
    [
      'remote: "ftp://x.example", protocol: incus, alias: a',
      ['23: "remote" must be an address such as "https://images.example.org", or the name of a remote'],
    ],
    [
      'remote: images, alias: a, serverCertificate: a.crt',
      [
        '60: "serverCertificate" goes with an address only: a remote of your own configuration brings its own trust',
      ],
    ],
    [
      'remote: images, fingerprint: abcdefabcdef, secret: abc',
      [
        '66: "secret" needs the whole "fingerprint", 64 hex digits: servers hand a private image out under no other name',
      ],
    ],
    [
      'remote: "http://x.example", protocol: simplestreams, alias: a',
      [
        '23: "remote" is plain http, where anybody on the way can change what is installed: write "https://", or add "insecure: true" if that is meant',
      ],
    ],
    [
      `remote: images, protocol: simplestreams, fingerprint: ${whole}, secret: abc`,
      ['143: "secret" says nothing to simplestreams: everything there is public'],
    ],
    [
      'url: "http://x.example/a.tar.xz"',
      [
        '20: "url" is plain http, where anybody on the way can read and change it: write "https://", or add "insecure: true" if that is meant',
      ],
    ],
    [
      'url: "https://me:pass@x.example/a.tar.xz"',
      ['20: "url" must be an address that begins with "https://" (or "http://"), without a user name'],
    ],
    [
      'instance: web1/release',
      ['25: "instance" must be the name of an instance or snapshot, without "/" and spaces'],
    ],
    ['instance: web1, alias: a', ['38: "alias" excludes "instance": an image is made of the instance']],
    ['server: prd, alias: a', ['23: unknown server "prd": did you mean "prod"?']],
    ['server: prod', ['13: "alias" or "fingerprint" is missing: which of its images is meant?']],
    [
      'snapshot: release',
      [
        '13: "source" needs one of "file", "metadata" and "rootfs", "remote", "url", "instance", "server" and "fingerprint"',
      ],
    ],
    [
      'fingerprint: abcdefabcdef',
      ['28: "fingerprint" must be whole here, 64 hex digits: it says what the content is'],
    ],
  ])('%s', (source, expected) => {
    expect(problemsOf(source)).toEqual(expected)
  })
})
