import { HyperkitError } from '@hyperkit/core'
import { expect, test } from 'vitest'
import { describeFailure } from './describe-failure.ts'

test.each<[string, unknown, { code: string; message: string }]>([
  [
    'an error of Hyperkit keeps its code',
    new HyperkitError('not-found', 'no'),
    { code: 'not-found', message: 'no' },
  ],
  ['another error is unexpected', new TypeError('odd'), { code: 'unexpected', message: 'odd' }],
  ['a thrown text is unexpected', 'text', { code: 'unexpected', message: 'text' }],
])('%s', (_, error, failure) => {
  expect(describeFailure(error)).toEqual(failure)
})
