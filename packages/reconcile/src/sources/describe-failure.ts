import { isHyperkitError } from '@hyperkit/core'

/** Why something failed: a stable code, and a sentence for people. */
export interface Failure {
  code: string
  message: string
}

/** The code of an error of Hyperkit, and `unexpected` for any other. */
export function describeFailure(error: unknown): Failure {
  const code = isHyperkitError(error) ? error.code : 'unexpected'
  return { code, message: error instanceof Error ? error.message : String(error) }
}
