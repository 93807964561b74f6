import { expect, test } from 'vitest'
import type { Change } from '../documents/plan.ts'
import { chooseNext } from './choose-next.ts'

const upload = (image: string, fingerprint = image): Change => ({
  action: 'upload-image',
  image,
  fingerprint,
  bytes: 1,
  files: { kind: 'unified', file: `/${image}.tar` },
  fields: [],
})
const alias = (name: string, image: string): Change => ({
  action: 'create-alias',
  image,
  fingerprint: image,
  alias: name,
  after: { target: image, description: '' },
})
const move = (name: string, from: string, to: string): Change => ({
  action: 'update-alias',
  image: to,
  fingerprint: to,
  alias: name,
  etag: 'e',
  before: { target: from, description: '' },
  after: { target: to, description: '' },
})
const publish = (image: string, instance: string): Change => ({
  action: 'publish-image',
  image,
  fingerprint: image,
  from: { instance, snapshot: null },
  fields: [],
})
const remove = (image: string): Change => ({
  action: 'delete-image',
  image,
  fingerprint: image,
  bytes: 1,
  aliases: [],
  owner: 'base',
})

/** Begins changes until none can begin, then ends the oldest one, and so on; the changes that run together, step by step. */
function play(changes: readonly Change[], atOnce = 4, isReady: (change: Change) => boolean = () => true) {
  const waiting = [...changes]
  const running: Change[] = []
  const steps: string[][] = []
  const label = (change: Change): string => ('alias' in change ? change.alias : change.image)
  while (waiting.length + running.length > 0) {
    for (;;) {
      const next = chooseNext({ waiting, running, atOnce }, isReady)
      if (next === undefined) break
      waiting.splice(waiting.indexOf(next), 1)
      running.push(next)
    }
    expect(running.length).toBeGreaterThan(0)
    steps.push(running.map(label))
    running.shift()
  }
  return steps
}

test('images come side by side, as many as are allowed, and in the order of the plan', () => {
  const changes = ['a', 'b', 'c', 'd', 'e'].map((name) => upload(name))
  expect(play(changes, 3)).toEqual([['a', 'b', 'c'], ['b', 'c', 'd'], ['c', 'd', 'e'], ['d', 'e'], ['e']])
  expect(play(changes, 1).flat()).toEqual(['a', 'b', 'c', 'd', 'e'])
})

test('the aliases of an image wait for it, and not for other images', () => {
  const changes = [upload('a'), alias('a/1', 'a'), alias('a/2', 'a'), upload('b'), alias('b/1', 'b')]
  expect(play(changes)).toEqual([['a', 'b'], ['b', 'a/1'], ['a/1', 'b/1'], ['b/1', 'a/2'], ['a/2']])
})

test('one content for two images of a manifest is never brought twice at once', () => {
  expect(play([upload('a', 'same'), upload('b', 'same'), upload('c')])).toEqual([
    ['a', 'c'],
    ['c', 'b'],
    ['b'],
  ])
})

test('an instance is published once at a time, and two instances beside each other', () => {
  expect(play([publish('a', 'web'), publish('b', 'web'), publish('c', 'db')])).toEqual([
    ['a', 'c'],
    ['c', 'b'],
    ['b'],
  ])
})

test('one alias moves at a time, since the lock of the manifest protects one image', () => {
  expect(play([move('a', 'old-a', 'new-a'), move('b', 'old-b', 'new-b'), upload('c')])).toEqual([
    ['a', 'c'],
    ['c', 'b'],
    ['b'],
  ])
})

test('an alias leaves an image when earlier changes of that image have ended', () => {
  const mark: Change = { action: 'update-image', image: 'x', fingerprint: 'old', etag: null, fields: [] }
  expect(play([mark, move('a', 'old', 'new')])).toEqual([['x'], ['a']])
})

test('a removal waits for everything before it, and nothing passes it', () => {
  expect(play([upload('a'), upload('b'), remove('old'), remove('older'), upload('c')])).toEqual([
    ['a', 'b'],
    ['b'],
    ['old'],
    ['older'],
    ['c'],
  ])
})

test('an image that waits for another server lets the others pass, and begins when nothing else is left', () => {
  const isReady = ({ image }: Change): boolean => image !== 'a'
  expect(play([upload('a'), alias('a/1', 'a'), upload('b'), upload('c')], 4, isReady)).toEqual([
    ['b', 'c'],
    ['c'],
    ['a'],
    ['a/1'],
  ])
})
