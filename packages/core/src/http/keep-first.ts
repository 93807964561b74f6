import { TransportError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import { messageOf } from '../model/message-of.ts'

/** What failed after an answer was lost. */
export type Later = 'sending it again failed' | 'looking for its outcome failed too'

/**
 * The error of a request whose answer was lost, with the addresses that were tried and what failed there. The first error says whether the
 * request may have been carried out; a later one does not.
 */
export function keepFirst(first: unknown, tried: Iterable<string>, last: unknown, what: Later): unknown {
  if (!(first instanceof TransportError)) return first
  const { code, message, server, request } = first
  const isSame = last === first || (what === 'sending it again failed' && isHyperkitError(last, code))
  const second = isSame ? '' : `; ${what}: ${messageOf(last)}`
  return new TransportError(code, `${message}; tried ${[...tried].join(' and ')}${second}`, {
    cause: first,
    server,
    request,
  })
}
