import { isHyperkitError } from '@hyperkit/core'
import { InterruptedError } from '@hyperkit/terminal'
import { isUsageError } from '../arguments/usage-error.ts'
import { TimeoutError } from './limit-time.ts'

/** What a program that reads `--json` is told of a failure. */
export interface JsonError {
  code: string
  message: string
}

/** The document that stands alone if there is no result to add the error to; one line, so that it can end NDJSON. */
export function renderErrorDocument(error: JsonError): string {
  return `${JSON.stringify({ format: 'hyperkit-error', version: 1, error })}\n`
}

/**
 * The code of an error: that of a {@link HyperkitError}, `usage`, `interrupted`, `timeout`, or `unexpected`.
 *
 * @param message what was printed of it
 */
export function describeError(error: unknown, message: string): JsonError {
  if (isHyperkitError(error)) return { code: error.code, message }
  if (isUsageError(error)) return { code: 'usage', message }
  if (error instanceof InterruptedError) return { code: 'interrupted', message }
  return { code: error instanceof TimeoutError ? 'timeout' : 'unexpected', message }
}

/** Whether a command line asks for JSON, also one that cannot be read. */
export function asksForJson(words: readonly string[]): boolean {
  const end = words.indexOf('--')
  const flags = end === -1 ? words : words.slice(0, end)
  return flags.some((word) => word === '--json' || word === '--json=true')
}
