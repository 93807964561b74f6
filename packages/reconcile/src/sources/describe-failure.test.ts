import { HyperkitError } from '@hyperkit/core'
import { expect, test } from 'vitest'
import { describeFailure } from './describe-failure.ts'

test.each<[string, unknown, { code: string; message: string }]>([
  [
    'describeFailure keeps the code of a Hyperkit error',
    new HyperkitError('not-found', 'no'),
    { code: 'not-found', message: 'no' },
  ],
  [
    'describeFailure gives any other error the code "unexpected"',
    new TypeError('odd'),
    { code: 'unexpected', message: 'odd' },
  ],
  [
    'describeFailure gives a thrown string the code "unexpected"',
    'text',
    { code: 'unexpected', message: 'text' },
  ],
])('%s', (_, error, failure) => {
  expect(describeFailure(error)).toEqual(failure)
})
