import { expect, test } from 'vitest'
import type { Change } from '../documents/plan.ts'
import { renderWatchEvent } from './render-watch-event.ts'
import type { WatchEvent } from './watch-event.ts'

const at = new Date('2026-11-24T06:20:01.234Z')
const [fingerprint, before] = ['f'.repeat(64), 'b'.repeat(64)]
const change: Change = {
  action: 'update-alias',
  image: 'web',
  alias: 'web',
  fingerprint,
  etag: null,
  before: { target: before, description: '' },
  after: { target: fingerprint, description: '' },
}

test.each([
  [{ kind: 'change', server: 'prod', result: { change, outcome: 'done' } }, true, 'prod: moved alias web'],
  [
    {
      kind: 'change',
      server: 'prod',
      result: { change, outcome: 'failed', error: { code: 'x', message: 'no' } },
    },
    false,
    'prod: failed, move alias web: no',
  ],
  [
    { kind: 'pending', server: 'prod', change },
    true,
    'prod: pending: move alias web, bbbbbbbbbbbb -> ffffffffffff',
  ],
  [{ kind: 'server', server: 'prod', state: 'lost', message: 'why' }, false, 'prod: connection lost: why'],
  [{ kind: 'server', server: 'prod', state: 'recovered' }, false, 'prod: recovered'],
  [{ kind: 'manifest', state: 'loaded', message: 'loaded "a" again' }, false, 'loaded "a" again'],
] satisfies [WatchEvent, boolean, string][])(
  'the event %j is rendered as a line',
  (event, isResult, line) => {
    expect(renderWatchEvent(event, at)).toEqual({ isResult, line: `2026-11-24T06:20:01Z ${line}` })
  },
)

test('a refused manifest is reported with all of its errors', () => {
  const event: WatchEvent = { kind: 'manifest', state: 'refused', message: 'a.yaml:1:1: x\na.yaml:2:1: y' }
  expect(renderWatchEvent(event, at)?.line).toMatch(
    /the last valid one stays in use:\na\.yaml:1:1: x\na\.yaml:2:1: y$/,
  )
})
