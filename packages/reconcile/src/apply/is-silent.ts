import { isHyperkitError } from '@hyperkit/core'

/** Codes of failures of a server that does not answer at all: another request would only fail after the same time again. */
export const silentCodes: readonly string[] = [
  'unreachable',
  'timeout',
  'certificate-rejected',
  'certificate-changed',
]

/** Whether an error says that its server does not answer. */
export function isSilent(error: unknown): boolean {
  return isHyperkitError(error) && silentCodes.includes(error.code)
}
