import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { PlainHeaders } from './plain-headers.ts'

const isNode = process.versions.bun === undefined && !('deno' in process.versions)

// Those of Bun and Deno differ from Node's in rare cases.
beforeEach((context) => {
  if (!isNode) context.skip('the plain classes stand in for those of Node')
})

const name = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,8}$/)
const value = fc.stringMatching(/^[\t\x20-\x7e\xa0-\xff]{0,12}$/)
const pairs = fc.array(fc.tuple(fc.oneof(name, fc.constantFrom('Set-Cookie', 'Accept', 'accept')), value))

function filled<Kind extends Headers | PlainHeaders>(
  headers: Kind,
  given: readonly [string, string][],
): Kind {
  for (const [key, text] of given) headers.append(key, text)
  return headers
}

test('headers hold what those of the runtime hold', () => {
  fc.assert(
    fc.property(pairs, pairs, (first, second) => {
      const [ours, theirs] = [filled(new PlainHeaders(), first), filled(new Headers(), first)]
      for (const [key, text] of second) {
        ours.set(key, text)
        theirs.set(key, text)
      }
      expect([...ours]).toEqual([...theirs])
      expect(ours.getSetCookie()).toEqual(theirs.getSetCookie())
      for (const [key] of [...first, ...second]) expect(ours.get(key)).toBe(theirs.get(key))
    }),
  )
})

test('headers are made of a record, of pairs and of other headers', () => {
  const record = { 'Content-Type': 'text/plain', 'x-two': ' spaces ' }
  const expected = [...new Headers(record)]
  expect([...new PlainHeaders(record)]).toEqual(expected)
  expect([...new PlainHeaders(Object.entries(record) as [string, string][])]).toEqual(expected)
  expect([...new PlainHeaders(new PlainHeaders(record))]).toEqual(expected)
  expect([...new PlainHeaders(new Headers(record))]).toEqual(expected)
  expect([...new Headers(new PlainHeaders(record) as unknown as [string, string][])]).toEqual(expected)
})

test('a deleted header is absent', () => {
  const headers = new PlainHeaders({ accept: '*/*', etag: '"1"' })
  headers.delete('ACCEPT')
  expect(headers.has('accept')).toBe(false)
  expect(headers.get('accept')).toBeNull()
  expect([...headers.keys()]).toEqual(['etag'])
})

test.for(['', 'a b', 'a:b', 'a\r\nb', 'ä', 'a\0'])('%j is refused as a header name', (bad) => {
  expect(() => new Headers([[bad, 'x']])).toThrow(TypeError)
  expect(() => new PlainHeaders([[bad, 'x']])).toThrow(TypeError)
  expect(() => new PlainHeaders().get(bad)).toThrow(TypeError)
})

test.for(['a\r\nb: c', 'a\nb', 'a\0b', '\u20ac'])('%j is refused as the value of a header', (bad) => {
  expect(() => new Headers([['x', bad]])).toThrow(TypeError)
  expect(() => new PlainHeaders([['x', bad]])).toThrow(TypeError)
  expect(() => new PlainHeaders().set('x', bad)).toThrow(TypeError)
})
