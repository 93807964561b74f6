import type { IncomingMessage } from 'node:http'

/** As much of an invalid status line as an error shows. */
const shown = 200

// Node's parser accepts more than a Response can hold: statuses up to 999, and any character in the reason phrase.
const reasonPhrase = /^[\t\x20-\x7e\x80-\xff]*$/

/** @throws Error if a Response cannot represent the answer's status line */
export function refuseHead(message: IncomingMessage): void {
  const { statusCode = 0, statusMessage = '' } = message
  if (statusCode < 200 || statusCode > 599 || !reasonPhrase.test(statusMessage)) throw invalidAnswer(message)
}

/** The error for an answer whose status line is invalid or was not asked for; it quotes the line. */
export function invalidAnswer({ httpVersion, statusCode, statusMessage }: IncomingMessage): Error {
  const line = `HTTP/${httpVersion} ${statusCode} ${statusMessage}`.slice(0, shown)
  return Object.assign(new Error(`it answered ${JSON.stringify(line)}`), { code: 'ERR_INVALID_ANSWER' })
}
