import { expect, test } from 'vitest'
import { parseManifest } from '../../manifest/parse-manifest.ts'
import type { DesiredServer } from '../desired.ts'
import { findFormer } from './find-former.ts'

const [a, b, c] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string]
const text = (second: string): string =>
  `version: 1\nname: me\nservers: { it: { remote: it } }\nimages:\n  - { name: one, source: { file: one.tar } }\n  - { name: two, source: { file: two.tar, sha256: ${second} } }\n`
const { images } = parseManifest({ file: 'images.yaml', text: text(b), folder: '/' })
const server = (fingerprint: string): DesiredServer => ({
  name: 'it',
  images: [
    {
      names: ['one'],
      fingerprint,
      size: 1,
      origin: { kind: 'files', files: { kind: 'unified', file: 'one.tar' } },
      aliases: [],
      public: undefined,
      properties: {},
      expiresAt: undefined,
    },
  ],
  absent: [],
  unresolved: [{ name: 'two', error: { code: 'fingerprint-mismatch', message: 'it changed' } }],
})
const locked = (name: string, fingerprint: string) => ({
  name,
  fingerprint,
  source: { kind: 'file', from: `${name}.tar` },
  lockedAt: '2026-11-29T12:00:00Z',
})

test('a content that the lock file or "sha256" names is a former one of the server, unless it is wanted or of another server', () => {
  const lockfile = { images: [locked('one', a), locked('elsewhere', c)] }
  expect(findFormer(server(c), images, lockfile)).toEqual([
    { name: 'one', fingerprint: a },
    { name: 'two', fingerprint: b },
  ])
  expect(findFormer(server(a), images, lockfile)).toEqual([{ name: 'two', fingerprint: b }])
  expect(findFormer(server(a), [], undefined)).toEqual([])
})
