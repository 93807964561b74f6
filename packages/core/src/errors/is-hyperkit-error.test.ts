import { expect, expectTypeOf, test } from 'vitest'
import { CertificateChangedError, CopyError, ServerError } from './errors.ts'
import type { HyperkitError } from './hyperkit-error.ts'
import { isHyperkitError } from './is-hyperkit-error.ts'

test('a code that only one class has narrows the error to that class, with its facts', () => {
  const error: unknown = new CertificateChangedError('another one', { expected: 'aa', actual: 'bb' })
  if (!isHyperkitError(error, 'certificate-changed')) throw error
  expectTypeOf(error).toExtend<CertificateChangedError>()
  expectTypeOf(error.code).toEqualTypeOf<'certificate-changed'>()
  expect(error.expected).toBe('aa')
})

test('a failed copy has the ways that were tried', () => {
  const tried = [{ mode: 'pull', error: new Error('no way') }] as const
  const error: unknown = new CopyError('Cannot copy', { tried })
  if (!isHyperkitError(error, 'copy-failed')) throw error
  expectTypeOf(error).toExtend<CopyError>()
  expect(error.tried).toEqual(tried)
})

test('a code that several classes have narrows the code alone', () => {
  const error: unknown = new ServerError('not-found', 'no such image', {
    status: 404,
    errorCode: 404,
    serverMessage: 'Image not found',
    request: { method: 'GET', path: '/1.0/images/aa' },
  })
  if (!isHyperkitError(error, 'not-found')) throw error
  expectTypeOf(error.code).toEqualTypeOf<'not-found'>()
  expectTypeOf(error).not.toExtend<ServerError>()
  expect(isHyperkitError(error, 'operation-failed')).toBe(false)
})

test('isHyperkitError without a code accepts every error of Hyperkit and no other error', () => {
  const narrow = (error: unknown): HyperkitError | undefined => (isHyperkitError(error) ? error : undefined)
  expect(narrow(new CertificateChangedError('another one', { expected: 'aa', actual: 'bb' }))?.code).toBe(
    'certificate-changed',
  )
  expect(narrow(new Error('else'))).toBeUndefined()
})
