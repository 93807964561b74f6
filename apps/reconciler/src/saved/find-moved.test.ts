import { expect, test } from 'vitest'
import { canonical, describeMoved, findMoved } from './find-moved.ts'
import type { SeenAlias, SeenImage, SeenServer } from './saved-plan.ts'

const [one, two] = ['1', '2'].map((digit) => digit.repeat(64)) as [string, string]
const alias = (more: Partial<SeenAlias> = {}): SeenAlias => ({
  ...{ name: 'noble', target: one, description: '', etag: 'e1' },
  ...more,
})
const image = (more: Partial<SeenImage> = {}): SeenImage => ({
  ...{ fingerprint: one, etag: 'i1', public: false, expiresAt: null },
  ...{ autoUpdate: false, profiles: ['default'] },
  ...{ properties: { os: 'a' }, aliases: ['noble'], inUse: null },
  ...more,
})
const server = (aliases: SeenAlias[], images: SeenImage[], identity = 'cert'): SeenServer => ({
  ...{ name: 'prod', identity, images, aliases },
})
const moved = (was: SeenServer, is: SeenServer): string[] => findMoved([was], [is]).map(describeMoved)

test('what has not moved is not told', () => {
  expect(moved(server([alias()], [image()]), server([alias()], [image()]))).toEqual([])
  expect(findMoved([server([alias()], [])], [])).toEqual([])
})

test('each thing that moved is told with its server, what it was and what it is', () => {
  const was = server([alias()], [image()])
  const tell = (aliases: SeenAlias[], images: SeenImage[]): string[] => moved(was, server(aliases, images))
  expect(tell([alias({ target: two, etag: 'e2' })], [image()])).toEqual([
    'prod: alias "noble" was 111111111111, is 222222222222',
  ])
  expect(tell([], [])).toEqual([
    'prod: alias "noble" was 111111111111, is not there',
    'prod: image 111111111111 was there, is not there',
  ])
  expect(tell([alias({ description: 'x', etag: 'e2' })], [image()])).toEqual([
    'prod: alias "noble" was described as "", is described as "x"',
  ])
  expect(tell([alias({ etag: 'e2' })], [image({ public: true, etag: 'i2' })])).toEqual([
    'prod: alias "noble" was at ETag e1, is at ETag e2',
    'prod: image 111111111111 was public false, is true',
  ])
  expect(tell([alias()], [image({ properties: {} })])).toEqual([
    'prod: image 111111111111 was property "os" "a", is not there',
  ])
  // The ETag covers neither profiles nor expiry.
  expect(tell([alias()], [image({ profiles: [] })])).toEqual([
    'prod: image 111111111111 was profiles ["default"], is []',
  ])
  expect(tell([alias()], [image({ autoUpdate: true, etag: 'i2' })])).toEqual([
    'prod: image 111111111111 was autoUpdate false, is true',
  ])
  expect(tell([alias(), alias({ name: 'new' })], [image({ etag: 'i2' })])).toEqual([
    'prod: alias "new" was not there, is 111111111111',
    'prod: image 111111111111 was at ETag i1, is at ETag i2',
  ])
})

test('another server under the same name is told alone', () => {
  expect(moved(server([alias()], []), server([], [], 'other'))).toEqual([
    'prod: the server was cert, is other',
  ])
})

test('the order of keys says nothing', () => {
  expect(canonical({ b: 1, a: [{ d: 2, c: 3 }] })).toBe('{"a":[{"c":3,"d":2}],"b":1}')
})
