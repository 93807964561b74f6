import { expect, test } from 'vitest'
import { type Door, findSilence } from './find-silence.ts'

const example = { kind: 'example', doc: '```ts\ncall()\n```' }
const value = (name: string, more: Partial<Door['exports'][number]> = {}): Door['exports'][number] => ({
  name,
  kind: 'function',
  module: `do/${name}`,
  doc: 'Does it.',
  tags: [],
  silentMethods: [],
  ...more,
})
const doorOf = (path: string, ...exports: Door['exports'][number][]): Door => ({
  folder: 'packages/x',
  path,
  tags: path === '.' ? [] : [example],
  exports,
})

test('a value without an example is a problem, unless it links to one that has one', () => {
  const shown = value('shown', { tags: [example] })
  expect(findSilence(doorOf('.', shown, value('bare')))).toEqual([
    'packages/x/src/do/bare.ts: "bare" has neither an example nor a link to a value of its package that has one',
  ])
  const linked = [
    value('inText', { doc: 'Is for {@link shown}.' }),
    value('below', { tags: [{ kind: 'see', doc: '{@link shown}' }] }),
  ]
  expect(findSilence(doorOf('.', shown, ...linked))).toEqual([])
  expect(findSilence(doorOf('.', value('a', { doc: '{@link b}' }), value('b')))).toHaveLength(2)
})

test('a type needs a comment but no example, and so do the values of another entry', () => {
  expect(findSilence(doorOf('.', value('Shape', { kind: 'interface' })))).toEqual([])
  expect(findSilence(doorOf('./parts', value('piece')))).toEqual([])
  expect(findSilence(doorOf('./parts', value('piece', { doc: '', silentMethods: ['close'] })))).toEqual([
    'packages/x/src/do/piece.ts: "piece" is public but has no comment',
    'packages/x/src/do/piece.ts: "piece.close" is public but has no comment',
  ])
  expect(findSilence({ ...doorOf('./parts'), tags: [] })).toEqual([
    'packages/x ./parts: the comment of this entry needs an example that shows how its values are used together',
  ])
})
