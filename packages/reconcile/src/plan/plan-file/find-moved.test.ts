import { expect, test } from 'vitest'
import type { SeenAlias, SeenImage, SeenServer } from '../../documents/saved-plan.ts'
import { canonical, describeMoved, findMoved } from './find-moved.ts'

const [one, two] = ['1', '2'].map((digit) => digit.repeat(64)) as [string, string]
const alias = (more: Partial<SeenAlias> = {}): SeenAlias => ({
  name: 'noble',
  target: one,
  description: '',
  etag: 'e1',
  ...more,
})
const image = (more: Partial<SeenImage> = {}): SeenImage => ({
  fingerprint: one,
  etag: 'i1',
  public: false,
  expiresAt: null,
  autoUpdate: false,
  profiles: ['default'],
  properties: { os: 'a' },
  aliases: ['noble'],
  inUse: null,
  ...more,
})
const server = (aliases: SeenAlias[], images: SeenImage[], identity = 'cert'): SeenServer => ({
  name: 'prod',
  identity,
  images,
  aliases,
})
const moved = (was: SeenServer, is: SeenServer): string[] => findMoved([was], [is]).map(describeMoved)

test('an unchanged server has no differences', () => {
  expect(moved(server([alias()], [image()]), server([alias()], [image()]))).toEqual([])
  expect(findMoved([server([alias()], [])], [])).toEqual([])
})

test('each difference is described with its server, its former state and its state now', () => {
  const was = server([alias()], [image()])
  const movedTo = (aliases: SeenAlias[], images: SeenImage[]): string[] => moved(was, server(aliases, images))
  const line = (what: string, then: string, now: string): string =>
    `prod: ${what} ${then} when the plan was made, and ${now} now`
  expect(movedTo([alias({ target: two, etag: 'e2' })], [image()])).toEqual([
    'prod: alias "noble" pointed at 111111111111 when the plan was made, and points at 222222222222 now',
  ])
  expect(movedTo([], [])).toEqual([
    line('alias "noble"', 'pointed at 111111111111', 'is gone'),
    line('image 111111111111', 'existed', 'is gone'),
  ])
  expect(movedTo([alias({ description: 'x', etag: 'e2' })], [image()])).toEqual([
    line('the description of alias "noble"', 'was ""', 'is "x"'),
  ])
  expect(movedTo([alias({ etag: 'e2' })], [image({ public: true, etag: 'i2' })])).toEqual([
    line('alias "noble"', 'had ETag e1', 'has ETag e2'),
    line('"public" of image 111111111111', 'was false', 'is true'),
  ])
  expect(movedTo([alias()], [image({ properties: {} })])).toEqual([
    line('property "os" of image 111111111111', 'was "a"', 'is not set'),
  ])
  // The ETag covers neither profiles nor expiry.
  expect(movedTo([alias()], [image({ profiles: [] })])).toEqual([
    line('the list of profiles of image 111111111111', 'was ["default"]', 'is []'),
  ])
  expect(movedTo([alias()], [image({ autoUpdate: true, etag: 'i2' })])).toEqual([
    line('"autoUpdate" of image 111111111111', 'was false', 'is true'),
  ])
  expect(movedTo([alias(), alias({ name: 'new' })], [image({ etag: 'i2' })])).toEqual([
    line('alias "new"', 'did not exist', 'points at 111111111111'),
    line('image 111111111111', 'had ETag i1', 'has ETag i2'),
  ])
})

test('another server under the same name is the only difference', () => {
  const [one, two] = ['1', '2'].map((digit) => `${digit.repeat(64)} (prod)`)
  expect(moved(server([alias()], [], one), server([], [], two))).toEqual([
    `prod: the server was ${one} when the plan was made, and is ${two} now`,
  ])
})

test('a server whose certificate was not seen at either time, or whose socket was made again, is no difference', () => {
  const certificate = `${'1'.repeat(64)} (prod)`
  for (const [was, is] of [
    [certificate, 'https://prod'],
    ['https://prod', certificate],
    ['socket 1:2', 'socket 1:3'],
  ])
    expect(moved(server([alias()], [], was), server([alias()], [], is))).toEqual([])
})

test('canonical JSON does not depend on the order of keys', () => {
  expect(canonical({ b: 1, a: [{ d: 2, c: 3 }] })).toBe('{"a":[{"c":3,"d":2}],"b":1}')
})
