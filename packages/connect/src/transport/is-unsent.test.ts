import { expect, test } from 'vitest'
import { isUnsent } from './is-unsent.ts'
import { late } from './limit-connecting.ts'
import { namedError } from './named-error.ts'

const codes = ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']
const failed = (code: string, syscall: string): Error =>
  Object.assign(new Error(`${syscall} ${code}`), { code, syscall })

/** The error itself, and as it is known behind a proxy. */
const forms = (error: Error): unknown[] => [error, namedError(error, 'through proxy "p"', 'p')]

test.each(codes)('a request that could not connect (%s) was not sent', (code) => {
  expect(forms(failed(code, 'connect')).map(isUnsent)).toEqual([true, true])
})

test.each(codes)('a request on a connection whose peer is gone (%s) may have been carried out', (code) => {
  for (const syscall of ['read', 'write'])
    expect(forms(failed(code, syscall)).map(isUnsent)).toEqual([false, false])
})

test.each(codes)(
  'an error that does not say at what it failed (%s) may be that of a connection that was made',
  (code) => {
    expect(forms(Object.assign(new Error(code), { code })).map(isUnsent)).toEqual([false, false])
  },
)

test.each(['ECONNREFUSED', 'ConnectionRefused', 'ENOTFOUND'])(
  'without a connection (%s), nothing was sent',
  (code) => {
    expect(forms(Object.assign(new Error(code), { code })).map(isUnsent)).toEqual([true, true])
  },
)

test('a connection that was not made in time has sent nothing', () => {
  expect(forms(late(10_000)).map(isUnsent)).toEqual([true, true])
})
