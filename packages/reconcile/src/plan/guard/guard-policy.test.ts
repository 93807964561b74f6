import { expect, test } from 'vitest'
import type { DesiredImage } from '../../desired/desired.ts'
import { parseManifest } from '../../manifest/parse-manifest.ts'
import type { ObservedServer } from '../../observed/observed.ts'
import { guardPolicy } from './guard-policy.ts'

const [pinned, other] = ['a'.repeat(64), 'b'.repeat(64)]

const manifest = parseManifest({
  file: 'images.yaml',
  folder: '/here',
  text: `version: 1
name: base
servers: { prod: { remote: prod }, edge: { remote: edge } }
policy: { maxSize: 1KiB, requireSha256: true }
images:
  - name: a
    source: { remote: images, fingerprint: ${pinned} }
  - name: b
    source: { fingerprint: ${other} }
`,
})

function image(name: string, fingerprint: string, size: number | null): DesiredImage {
  return {
    names: [name],
    fingerprint,
    size,
    origin: { kind: 'present' },
    aliases: [],
    public: undefined,
    properties: {},
    expiresAt: undefined,
  }
}

test('guardPolicy names each entry once that is too large or has another content, at its position', () => {
  const has = { status: 'read', name: 'edge', images: new Map([[other, { size: 2000 }]]) }
  const servers = ['prod', 'edge'].map((name) => ({
    name,
    images: [image('a', pinned, 1025), image('b', other, null)],
    absent: [],
  }))
  const desired = { manifest: { file: 'images.yaml', name: 'base' }, servers }
  expect(guardPolicy(manifest, desired, [has as unknown as ObservedServer])).toEqual([
    {
      server: 'prod',
      message: 'images.yaml:7:13: image "a" has 1025 bytes, more than the 1024 that "policy.maxSize" allows',
    },
    {
      server: 'edge',
      message: 'images.yaml:9:13: image "b" has 2000 bytes, more than the 1024 that "policy.maxSize" allows',
    },
  ])
  const promoted = [{ name: 'prod', images: [image('a', other, 1024)], absent: [] }]
  expect(guardPolicy(manifest, { ...desired, servers: promoted }, [])).toEqual([
    {
      server: 'prod',
      message:
        'images.yaml:7:13: image "a" would get the content bbbbbbbbbbbb, and "policy.requireSha256" allows only aaaaaaaaaaaa, which its source names',
    },
  ])
})
