import { Failure } from '../answer/failure.ts'
import type { Dialect } from '../dialect/dialect.ts'

/**
 * `If-Match` as the daemons read it: one value, quotes optional; `*`, lists and `W/` are compared as they are.
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
