import { ArgumentError } from '../errors/errors.ts'

/** @throws {ArgumentError} if it is no number of bytes above 0 */
export function checkMaxDocument(maxDocument: number): void {
  if (Number.isSafeInteger(maxDocument) && maxDocument > 0) return
  throw new ArgumentError(
    'maxDocument',
    `Cannot use ${String(maxDocument)} as maxDocument: it must be a whole number of bytes above 0`,
  )
}
