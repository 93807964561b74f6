import { expect, test } from 'vitest'
import { isUnsent } from './is-unsent.ts'
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
