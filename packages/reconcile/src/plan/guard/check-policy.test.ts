import { describe, expect, test } from 'vitest'
import { ManifestError } from '../../manifest/manifest-error.ts'
import { parseManifest, parseManifests } from '../../manifest/parse-manifest.ts'
import { checkPolicy } from './check-policy.ts'

const whole = 'ab'.repeat(32)
const servers = 'servers: { prod: { remote: prod }, edge: { remote: edge } }'

/** The mistakes in a manifest of one image, whose source begins at column 13 of line 7. */
function problemsOf(policy: string, source: string, image = ''): string[] {
  try {
    checkPolicy(
      parseManifest({
        file: 'images.yaml',
        folder: '/here',
        text: `version: 1\nname: base\n${servers}\npolicy: { ${policy} }\nimages:\n  - name: a\n    source: { ${source} }\n${image}`,
      }),
    )
    return []
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error
    return error.message.split('\n')
  }
}

describe('policy.sources', () => {
  test.each([
    ['file:dist/*', 'file: dist/a.tar.xz'],
    ['file:/srv/**', 'file: /srv/images/2026/a.tar.xz'],
    ['file:**', 'metadata: a.tar.xz, rootfs: deep/down/a.squashfs'],
    [
      'url:https://images.example.org/**',
      'url: "https://images.example.org/a/b.tar.xz?key=1", insecure: true',
    ],
    ['url:https://*.example.org/*', 'url: "https://a.example.org/b.tar.xz", insecure: true'],
    ['remote:images:alpine/*', 'remote: images, alias: alpine/edge'],
    [
      'remote:https://images.example.org/alpine/**',
      'remote: "https://images.example.org", protocol: incus, alias: alpine/edge/cloud',
    ],
    ['instance:builder:*', 'instance: web1, server: prod', 'instance:prod:*'],
    ['instance:*:web1/release', 'instance: web1, snapshot: release'],
    ['server:prod:**', 'server: prod, alias: alpine/edge'],
    ['fingerprint:*', `fingerprint: ${whole}`],
  ])('the pattern %s allows { %s }', (pattern, source, other = pattern) => {
    expect(problemsOf(`sources: ["url:https://nowhere.example/", "${other}"]`, source)).toEqual([])
  })

  test.each([
    ['file:dist/*', 'file: dist/deep/a.tar.xz', 'file:/here/dist/deep/a.tar.xz'],
    ['file:dist/**', 'file: dist/../a.tar.xz', 'file:/here/a.tar.xz'],
    ['file:a.tar.xz', 'metadata: a.tar.xz, rootfs: a.squashfs', 'file:/here/a.squashfs'],
    [
      'url:https://*.example.org/**',
      'url: "https://elsewhere.example/.example.org/a", insecure: true',
      'url:https://elsewhere.example/.example.org/a',
    ],
    [
      'url:https://a.example/x.y',
      'url: "https://a.example/xzy", insecure: true',
      'url:https://a.example/xzy',
    ],
    [
      'url:https://a.example/good/**',
      'url: "https://a.example/good/../bad", insecure: true',
      'url:https://a.example/bad',
    ],
    ['remote:images:**', 'server: prod, alias: a', 'server:prod:a'],
    ['remote:https://a.example/**', 'remote: https, alias: "//a.example/x"', 'remote:https://a.example/x'],
    ['instance:prod:*', 'instance: web1', 'instance:edge:web1'],
  ])('the pattern %s does not allow { %s }', (pattern, source, text) => {
    expect(problemsOf(`sources: ["${pattern}"]`, source)).toEqual([
      `images.yaml:7:13: image "a" comes from "${text}", which no pattern of "policy.sources" matches: use another source, or add a pattern`,
    ])
  })

  test('a pattern without a kind is a mistake in the manifest', () => {
    expect(problemsOf('sources: ["https://a.example/**"], maxSize: 4GB', 'file: a')).toEqual([
      'images.yaml:4:21: entry 1 of "sources" must begin with the kind of source ("file:", "url:", "remote:", "instance:", "server:", "fingerprint:"), such as "url:https://images.example.org/**"',
      'images.yaml:4:55: "maxSize" must be a size of at least 1 byte, such as 4GiB, 512MiB or 1000000',
    ])
  })
})

describe('policy.requireSha256', () => {
  test.each([
    `file: a, sha256: ${whole}`,
    `url: "https://a.example/a", sha256: ${whole}`,
    `remote: images, fingerprint: ${whole}`,
    `server: prod, fingerprint: ${whole}`,
    `fingerprint: ${whole}`,
  ])('it allows { %s }', (source) => {
    expect(problemsOf('requireSha256: true', source)).toEqual([])
  })

  test.each([
    ['file: a', 'no "sha256"'],
    ['metadata: a, rootfs: b', 'no "sha256"'],
    ['url: "https://a.example/a"', 'no "sha256"'],
    ['remote: images, alias: alpine', 'no "fingerprint" of 64 digits'],
    ['remote: images, fingerprint: abcdefabcdef', 'no "fingerprint" of 64 digits'],
    ['server: prod, alias: alpine', 'no "fingerprint" of 64 digits'],
    ['instance: web1', 'published from an instance'],
  ])('it refuses { %s }', (source, why) => {
    expect(problemsOf('requireSha256: true', source)).toEqual([expect.stringContaining(why)])
  })

  test('it refuses images that a server would refresh by itself, and holds the others at "autoUpdate: false"', () => {
    const policy = 'requireSha256: true'
    const source = `file: a, sha256: ${whole}`
    expect(problemsOf(policy, source, '    overrides: { edge: { autoUpdate: true } }\n')).toEqual([
      'images.yaml:6:5: image "a" has "autoUpdate: true" on "edge", and "policy.requireSha256" demands to know its content beforehand: the server would replace it',
    ])
    const text = `version: 1\nname: base\n${servers}\npolicy: { ${policy} }\nimages: [{ name: a, source: { ${source} } }]`
    const { images } = parseManifest({ file: 'images.yaml', folder: '/here', text })
    expect(images).toMatchObject([{ autoUpdate: false }])
  })
})

test('policy.forbidPublic refuses public images, and makes all others private, also those of other files', () => {
  const forbid = 'forbidPublic: true'
  const twice = ['    public: true', '    overrides: { edge: { public: true }, prod: { public: false } }', '']
  expect(problemsOf(forbid, 'file: a', `${twice[0]}\n`)).toEqual([
    'images.yaml:6:5: image "a" is public, which "policy.forbidPublic" forbids: remove "public: true"',
  ])
  expect(problemsOf(forbid, 'file: a', twice.join('\n'))).toEqual([
    'images.yaml:6:5: image "a" is public on "edge", which "policy.forbidPublic" forbids: remove "public: true"',
  ])
  const text = (file: string, rest: string) => ({
    file,
    folder: '/here',
    text: `version: 1\nname: base\n${rest}`,
  })
  const manifest = parseManifests(
    [
      text('policy.yaml', `${servers}\npolicy: { ${forbid} }`),
      text(
        'images.yaml',
        'images: [{ name: a, source: { file: a }, overrides: { edge: { keep: 2 } } }, { name: b, state: absent }]',
      ),
    ],
    'policy.yaml, images.yaml',
  )
  expect(() => checkPolicy(manifest)).not.toThrow()
  expect(manifest.images).toMatchObject([{ public: false, overrides: { edge: { public: false } } }, {}])
})
