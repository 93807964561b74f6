import { isHyperkitError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'
import type { Failure } from '../documents/error.ts'

/** The code and message of an error; the code is `unexpected` for errors that are not Hyperkit's. */
export function describeFailure(error: unknown): Failure {
  const code = isHyperkitError(error) ? error.code : 'unexpected'
  return { code, message: messageOf(error) }
}
