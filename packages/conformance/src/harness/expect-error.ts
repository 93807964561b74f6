import { fail, ok } from 'node:assert/strict'
import { type ErrorCode, type HyperkitError, isHyperkitError } from '@hyperkit/core'

/**
 * The error that a call fails with.
 *
 * @throws if the call succeeds, or fails with an error that has none of these codes
 */
export async function expectError(
  call: Promise<unknown>,
  ...codes: [ErrorCode, ...ErrorCode[]]
): Promise<HyperkitError> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if (!('error' in outcome)) fail(`the call succeeded; an error ${codes.join(' or ')} was expected`)
  const { error } = outcome
  if (!isHyperkitError(error)) throw error
  if (!codes.includes(error.code)) {
    fail(`the error has the code ${error.code} instead of ${codes.join(' or ')}: ${error.message}`)
  }
  // Checks the grammar of every error message that a case expects.
  ok(
    /^[A-Z].*[^.]$/s.test(error.message),
    `the message does not follow the grammar of messages: ${error.message}`,
  )
  return error
}
