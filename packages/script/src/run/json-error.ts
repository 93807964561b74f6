import { isHyperkitError } from '@hyperkit/core'
import { InterruptedError } from '@hyperkit/terminal'
import { isUsageError } from '../arguments/usage-error.ts'
import { TimeoutError } from './limit-time.ts'

/** Codes that only the JSON of a command has, beside those of Hyperkit's errors. docs/errors.md is made of the comments here. */
export type CommandErrorCode =
  // Only in the JSON of commands
  /** The command line is invalid: an unknown flag, a missing argument. Then: read `--help` of the command. */
  | 'usage'
  /** The command ended with this exit code and gave no reason of its own. Then: read what it printed before. */
  | 'failed'
  /** An error of another kind, such as one that a script of your own throws. Then: read the message; `--debug` shows more. */
  | 'unexpected'
  /** The change was not confirmed, or there was no terminal to ask on. Then: review the plan, and give `--yes`. */
  | 'not-confirmed'
  /** Nothing was pruned, because not everything that is used could be seen. Then: follow the message. */
  | 'not-pruned'
  /** A step was not started, because a step before it failed. Then: fix the cause of that failure, then run it again. */
  | 'skipped'
  /** A rollout is paused: later waves wait. Then: mend what the message names and run it again, or pass it once with `--resume`. */
  | 'paused'
  /** The check of a wave failed. Then: read the message, which has the last line of its output; run the check by hand. */
  | 'check-failed'
  /** A server was not read, so nothing is known of it. Then: read the error of that server, then run it again. */
  | 'unread'

/** A failure in the output of `--json`. */
export interface JsonError {
  code: string
  message: string
}

/** The document of an error without a result to add it to. It is one line, so that it can end NDJSON. */
export function renderErrorDocument(error: JsonError): string {
  return `${JSON.stringify({ format: 'hyperkit-error', version: 1, error })}\n`
}

/**
 * The code of an error: that of a {@link HyperkitError}, `usage`, `interrupted`, `timeout`, or `unexpected`.
 *
 * @param message the sentence that was printed
 */
export function describeError(error: unknown, message: string): JsonError {
  if (isHyperkitError(error)) return { code: error.code, message }
  if (isUsageError(error)) return { code: 'usage', message }
  if (error instanceof InterruptedError) return { code: 'interrupted', message }
  return { code: error instanceof TimeoutError ? 'timeout' : 'unexpected', message }
}
