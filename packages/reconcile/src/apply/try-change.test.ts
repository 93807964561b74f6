import { TransportError } from '@hyperkit/core'
import { expect, test } from 'vitest'
import { failureOf } from './try-change.ts'

test('the cause of a broken connection is named once, without secrets and control characters', () => {
  const cause = new Error('no \u001b[2J answer from https://me:pw@host/a?secret=x at all')
  const shown = 'no \\u001b[2J answer from https://…@host/a?secret=… at all'
  const messageFor = (message: string) =>
    failureOf(new TransportError('unreachable', message, { cause }), 'it').message
  expect(messageFor(`Cannot read image (${cause.message})`)).toBe(`Cannot read image (${shown})`)
  expect(messageFor('Cannot read image')).toBe(`Cannot read image (${shown})`)
})
