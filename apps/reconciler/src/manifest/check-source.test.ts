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
    `fingerprint: ${whole}`,
  ])('%s', (source) => {
    expect(problemsOf(source)).toEqual([])
  })
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
      'fingerprint: abcdefabcdef',
      ['28: "fingerprint" must be whole here, 64 hex digits: it says what the content is'],
    ],
  ])('%s', (source, expected) => {
    expect(problemsOf(source)).toEqual(expected)
  })
})
