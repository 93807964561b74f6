import { expect, test } from 'vitest'
import type { Manifest, PresentImage } from '../../manifest/manifest.ts'
import { parseManifest } from '../../manifest/parse-manifest.ts'
import { lockedSources } from './note-lockable.ts'
import { parseLockfile } from './parse-lockfile.ts'
import { pinSources } from './pin-sources.ts'
import { renderLockfile } from './render-lockfile.ts'

const [one, two] = ['1', '2'].map((digit) => digit.repeat(64)) as [string, string]
const at = { line: 1, column: 1 }

const manifest = parseManifest({
  file: 'images.yaml',
  folder: '/x',
  text: `version: 1
name: me
servers: { a: { remote: a }, b: { remote: b } }
images:
  - { name: remote, source: { remote: "https://images.example.org", protocol: lxd, alias: r } }
  - { name: copy, source: { server: b, alias: c }, servers: [a] }
  - { name: copied, source: { server: b, alias: file }, servers: [a] }
  - { name: file, source: { file: f } }
`,
})

const sources = lockedSources(manifest, '/x')

function pin(held: Record<string, string>, locked: Record<string, string>): Manifest | undefined {
  const images = Object.entries(locked).map(([name, fingerprint]) => {
    const source = sources.get(name) ?? { kind: 'file', from: 'elsewhere' }
    return { name, fingerprint, size: 1, source, lockedAt: '2026-01-01T00:00:00Z' }
  })
  const contents = Object.entries(held).map(([name, fingerprint]) => {
    const source = sources.get(name) ?? { kind: 'file', from: 'f' }
    return { name, fingerprint, size: 1, source, servers: ['a', 'b'], at }
  })
  return pinSources(
    manifest,
    parseLockfile('images.lock.yaml', renderLockfile({ images }, 'images.yaml')),
    contents,
    sources,
  )
}

const sourceOf = (pinned: Manifest | undefined, name: string): unknown => {
  const image = pinned?.images.find(
    (each): each is PresentImage => each.name === name && each.state === 'present',
  )
  if (image === undefined || !('alias' in image.source)) return image?.source.kind
  return image.source.alias ?? image.source.fingerprint
}

test('an alias that means something else now, or nothing any more, gives way to the locked fingerprint', () => {
  const pinned = pin({ remote: two }, { remote: one, copy: one })
  expect([sourceOf(pinned, 'remote'), sourceOf(pinned, 'copy')]).toEqual([one, one])
})

test('an alias that means what was locked stays, and so does a file, whatever it holds', () => {
  expect(pin({ remote: one, file: two }, { remote: one, file: one })).toBeUndefined()
})

test('what is not locked stays, and so does what was locked from elsewhere', () => {
  expect(pin({ remote: two }, {})).toBeUndefined()
  const lockfile = parseLockfile(
    'l',
    renderLockfile(
      {
        images: [
          {
            ...{ name: 'remote', fingerprint: one, lockedAt: '2026-01-01T00:00:00Z' },
            source: { kind: 'remote', from: 'https://other.example.org alias r' },
          },
        ],
      },
      'm',
    ),
  )
  expect(pinSources(manifest, lockfile, [], sources)).toBeUndefined()
})

test('a copy of what the manifest brings to the other server itself has no lock of its own', () => {
  expect([...sources.keys()]).toEqual(['remote', 'copy', 'file'])
})

test('servers for which the source holds different contents each get the locked one', () => {
  const elsewhere = [{ servers: ['b'], fingerprint: two, size: 1 }]
  const source = sources.get('remote') ?? { kind: '', from: '' }
  const locked = {
    name: 'remote',
    fingerprint: one,
    size: 1,
    source,
    elsewhere,
    lockedAt: '2026-01-01T00:00:00Z',
  }
  const lockfile = parseLockfile('l', renderLockfile({ images: [locked] }, 'm'))
  const now = { name: 'remote', fingerprint: one, size: 1, source, servers: ['a', 'b'], at }
  const pinned = pinSources(manifest, lockfile, [now], sources)
  const images = (pinned?.images ?? []).filter(
    (each): each is PresentImage => each.name === 'remote' && each.state === 'present',
  )
  expect(
    images.map(({ servers, source: from }) => [servers, 'alias' in from && (from.alias ?? from.fingerprint)]),
  ).toEqual([
    [['a'], 'r'],
    [['b'], two],
  ])
})
