import { expect, test } from 'vitest'
import type { Manifest, PresentImage } from '../../manifest/manifest.ts'
import { parseManifest } from '../../manifest/parse-manifest.ts'
import { lockedSources } from './collect-source-contents.ts'
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

test('pinSources replaces an alias that has moved or is gone by the locked fingerprint', () => {
  const pinned = pin({ remote: two }, { remote: one, copy: one })
  expect([sourceOf(pinned, 'remote'), sourceOf(pinned, 'copy')]).toEqual([one, one])
})

test('pinSources keeps an alias that still points at the locked image, and every file', () => {
  expect(pin({ remote: one, file: two }, { remote: one, file: one })).toBeUndefined()
})

test('pinSources keeps what is not locked, and what was locked from another source', () => {
  expect(pin({ remote: two }, {})).toBeUndefined()
  const lockfile = parseLockfile(
    'l',
    renderLockfile(
      {
        images: [
          {
            name: 'remote',
            fingerprint: one,
            lockedAt: '2026-01-01T00:00:00Z',
            source: { kind: 'remote', from: 'https://other.example.org alias r' },
          },
        ],
      },
      'm',
    ),
  )
  expect(pinSources(manifest, lockfile, [], sources)).toBeUndefined()
})

test('a copy of an image that the manifest itself brings to the other server is not locked', () => {
  expect([...sources.keys()]).toEqual(['remote', 'copy', 'file'])
})

test('pinSources gives each server its own locked content if the source differs by server', () => {
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

test('pinSources replaces a tag whose image has the locked layers, but another configuration, by the locked digest', () => {
  const registry = parseManifest({
    file: 'images.yaml',
    folder: '/x',
    text: `version: 1
name: me
servers: { a: { remote: a } }
images:
  - { name: app, source: { remote: "https://registry.example.org", protocol: oci, alias: "app:1" } }
`,
  })
  const known = lockedSources(registry, '/x')
  const [was, now] = [`sha256:${one}`, `sha256:${two}`]
  const source = known.get('app') ?? { kind: '', from: '' }
  const locked = { name: 'app', fingerprint: one, serial: was, source, lockedAt: '2026-01-01T00:00:00Z' }
  const lockfile = parseLockfile('l', renderLockfile({ images: [locked] }, 'm'))
  const held = (serial: string) => ({ name: 'app', fingerprint: one, serial, source, servers: ['a'], at })
  expect(pinSources(registry, lockfile, [held(was)], known)).toBeUndefined()
  expect(sourceOf(pinSources(registry, lockfile, [held(now)], known), 'app')).toBe(`app@${was}`)
})
