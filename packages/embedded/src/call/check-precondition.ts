import { Failure } from '../answer/failure.ts'
import type { Dialect } from '../dialect/dialect.ts'

/**
 * Checks `If-Match` as the daemons do: one value with optional quotes; `*`, lists and `W/` have no special meaning.
 *
 * @throws {Failure} 412
 */
export function checkPrecondition(
  { etagMismatch, etagAdvice }: Dialect,
  request: Request,
  etag: string,
): void {
  const given = request.headers.get('if-match')
  if (given === null || given === '') return
  const value = given.replace(/^"(.*)"$/, '$1')
  if (value !== etag) throw new Failure(412, `${etagMismatch}${etag} vs ${value}${etagAdvice}`)
}
