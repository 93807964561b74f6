import { isHyperkitError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'
import type { Failure } from '../documents/error.ts'

/** The code of an error of Hyperkit, and `unexpected` for any other. */
export function describeFailure(error: unknown): Failure {
  const code = isHyperkitError(error) ? error.code : 'unexpected'
  return { code, message: messageOf(error) }
}
