import { expect, test } from 'vitest'
import type { PresentImage } from '../manifest/manifest.ts'
import type { Problem } from '../manifest/manifest-error.ts'
import type { Content } from '../sources/content.ts'
import type { DesiredImage } from './desired.ts'
import { joinImages } from './join-images.ts'

const image = (name: string, more: Partial<PresentImage> = {}): PresentImage => ({
  state: 'present',
  name,
  source: { kind: 'file', file: '/x', sha256: undefined, at: { line: 1, column: 1 } },
  aliases: [{ name, description: undefined }],
  public: undefined,
  properties: {},
  expiresAt: undefined,
  servers: ['prod', 'edge'],
  at: { line: 1, column: 1 },
  ...more,
})

/** Joins images that all have the same content. */
function join(...images: PresentImage[]): { problems: string[]; prod: DesiredImage[]; edge: DesiredImage[] } {
  const problems: Problem[] = []
  const content: Content = {
    fingerprint: '1'.repeat(64),
    size: 1,
    origin: { kind: 'files', files: { kind: 'unified', file: '/x' } },
  }
  const known = images.flatMap((each) => each.servers.map((server) => ({ image: each, server, content })))
  const servers = joinImages('m.yaml', known, problems)
  return {
    problems: problems.map(({ message }) => message.replace(/^.* but /, '')),
    prod: servers.get('prod') ?? [],
    edge: servers.get('edge') ?? [],
  }
}

test('images with the same content are joined with the attributes of both, and "exact" takes precedence', () => {
  const { problems, prod } = join(
    image('a', { propertiesMode: 'merge', properties: { x: '1' }, autoUpdate: true }),
    image('b', { propertiesMode: 'exact', properties: { y: '2' }, profiles: ['web'], filename: 'b.tar' }),
  )
  expect(problems).toEqual([])
  expect(prod).toMatchObject([
    {
      names: ['a', 'b'],
      properties: { x: '1', y: '2' },
      propertiesMode: 'exact',
      autoUpdate: true,
      profiles: ['web'],
      filename: 'b.tar',
    },
  ])
})

test('images with the same content but different attributes are reported, one problem for each attribute', () => {
  const same = { autoUpdate: true, profiles: ['a', 'b'], filename: 'x' }
  expect(join(image('a', same), image('b', same)).problems).toEqual([])
  expect(
    join(image('a', same), image('b', { autoUpdate: false, profiles: ['a'], filename: 'y' })).problems,
  ).toEqual(['"autoUpdate"', '"profiles"', '"filename"'].map((field) => `have different values for ${field}`))
})

test('overrides of a server count when images are joined on that server', () => {
  const on = (isPublic: boolean) => ({ ...image('a'), public: isPublic })
  const a = image('a', { public: false, overrides: { edge: on(true) } })
  expect(join(a, image('b', { public: true, servers: ['edge'] })).problems).toEqual([])
  expect(join(a, image('b', { public: false, servers: ['edge'] })).problems).toEqual([
    'have different values for "public"',
  ])
  const { prod, edge } = join(a)
  expect([prod[0]?.public, edge[0]?.public]).toEqual([false, true])
})
