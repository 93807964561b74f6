import { describe, expect, test } from 'vitest'
import { type EventFilter, matchesFilter } from './event-filter.ts'

const [ours, others] = ['a'.repeat(64), 'b'.repeat(64)]
const filter: EventFilter = {
  aliases: new Set(['ubuntu/noble', 'plus+50%']),
  fingerprints: new Set([ours]),
  wantsAbsence: false,
}

describe('matchesFilter', () => {
  test.each([
    ['an alias of the manifest', 'image-alias-updated', '/1.0/images/aliases/ubuntu%2Fnoble'],
    [
      'an alias of the manifest, encoded twice by LXD 5.0.2',
      'image-alias-deleted',
      '/1.0/images/aliases/ubuntu%252Fnoble',
    ],
    [
      'an alias with special characters in its name',
      'image-alias-created',
      '/1.0/images/aliases/plus+50%25?project=web',
    ],
    ['an image of the manifest', 'image-deleted', `/1.0/images/${ours}`],
    ['an image of the manifest in a project', 'image-updated', `/1.0/images/${ours}?project=web`],
    ['an operation on an image of the manifest', 'operation', `/1.0/images/${ours}`],
    ['a refresh, whichever image the event names', 'image-refreshed', `/1.0/images/${others}`],
  ])('an event of %s matches', (_, action, source) => {
    expect(matchesFilter({ action, source }, filter)).toBe(true)
  })

  test('a rename of an alias of the manifest matches', () => {
    const source = '/1.0/images/aliases/elsewhere'
    expect(
      matchesFilter({ action: 'image-alias-renamed', source, context: { old_name: 'ubuntu/noble' } }, filter),
    ).toBe(true)
  })

  test.each([
    ['another image', 'image-created', `/1.0/images/${others}`],
    ['an operation on another image', 'operation', `/1.0/images/${others}`],
    ['another alias', 'image-alias-created', '/1.0/images/aliases/debian'],
    ['the lock of a run', 'image-alias-created', '/1.0/images/aliases/hyperkit.lock%2Fbase'],
    ['a download of an image of the manifest', 'image-retrieved', `/1.0/images/${ours}`],
    ['an instance', 'instance-created', '/1.0/instances/web1'],
    ['an alias that cannot be decoded', 'image-alias-created', '/1.0/images/aliases/%zz'],
  ])('an event of %s does not match', (_, action, source) => {
    expect(matchesFilter({ action, source }, filter)).toBe(false)
  })

  test('every new image matches if the manifest wants a name to be absent', () => {
    const event = { action: 'image-created', source: `/1.0/images/${others}` }
    expect(matchesFilter(event, { ...filter, wantsAbsence: true })).toBe(true)
  })

  test('without a filter, every event of an image matches and no event of a lock', () => {
    expect(matchesFilter({ action: 'image-created', source: `/1.0/images/${others}` }, undefined)).toBe(true)
    const lock = '/1.0/images/aliases/hyperkit.lock%252Fbase'
    expect(matchesFilter({ action: 'image-alias-deleted', source: lock }, undefined)).toBe(false)
  })

  test('an invalid event does not match', () => {
    for (const event of [{}, { action: 1, source: 2 }, { action: 'image-created' }])
      expect(matchesFilter(event, undefined)).toBe(false)
  })
})
