import { checkMaxDocument } from '../arguments/max-document.ts'
import { ArgumentError } from '../errors/errors.ts'
import type { Call } from './call.ts'
import { defaultMaxDocument } from './read-text.ts'

/** For how long a server may be silent, in milliseconds (`false` for no limit), and how much it may say. */
export interface Limits {
  /** Until the answer to `GET /1.0` begins, which no work of a server delays for long. */
  description: number | false
  /** Until the answer to any other read begins: a list of many images keeps a server from answering for half a minute (T1). */
  read: number | false
  /** Until the answer to a change begins: it may have to wait for other changes. */
  change: number | false
  /** Between two pieces of a body, in either direction. */
  silence: number | false
  /** Bytes of the longest document. */
  document: number
}

const defaults: Limits = {
  description: 10_000,
  read: 60_000,
  change: 120_000,
  silence: 60_000,
  document: defaultMaxDocument,
}

/**
 * The limits of a client.
 *
 * @param given `answerTimeout` replaces all times
 * @throws {ArgumentError} if that is not a time, or `maxDocument` not a size
 */
export function limitsOf({
  answerTimeout,
  maxDocument = defaultMaxDocument,
}: {
  answerTimeout: number | false | undefined
  maxDocument: number | undefined
}): Limits {
  checkMaxDocument(maxDocument)
  if (answerTimeout === undefined) return { ...defaults, document: maxDocument }
  if (answerTimeout !== false && !(answerTimeout > 0))
    throw new ArgumentError(
      'answerTimeout',
      `Cannot use ${String(answerTimeout)} as answerTimeout: it must be a number of milliseconds above 0, or false`,
    )
  return {
    description: answerTimeout,
    read: answerTimeout,
    change: answerTimeout,
    silence: answerTimeout,
    document: maxDocument,
  }
}

/** Milliseconds until the answer to a call must begin. */
export function answerLimit({ timeout, method, path }: Call, limits: Limits): number | false {
  if (timeout !== undefined) return timeout
  if (method !== 'GET') return limits.change
  return path === '/1.0' ? limits.description : limits.read
}
